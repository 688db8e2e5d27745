-- spell: spells of assistance of adults, under the one-month and under the two-month rule.
-- The views that it reads are listed in person.sql.
--
-- A spell that starts in the first month of the data may have begun before (left-truncated); one that is not `exited` went
-- on to where too few months follow to tell (right-censored). A child's assistance is its household's: children have no
-- spells.

with
-- The months that social assistance covers as a whole.
study as (
    select
        (date_trunc('month', min(first_day) - 1) + interval 1 month)::date as first_month,
        (date_trunc('month', max(last_day) + 1) - interval 1 month)::date as last_month
    from coverage where table_name = 'kela_social_assistance'
),

paid as (
    select
        person, benefit_month as month,
        bool_or(role = 'hakija') as applicant,
        min(age_months) - 300 as distance
    from kela_social_assistance, study
    where decision = 'myönnetty' and coalesce(paid_eur, 1) > 0 and role in ('hakija', 'puoliso')
        and benefit_month between first_month and last_month
    group by all
),

beginnings as (
    select
        person, exit_rule, month,
        coalesce(date_diff('month', lag(month) over earlier, month) > exit_rule, true) as begins
    from paid, (values (1), (2)) rules(exit_rule)
    window earlier as (partition by person, exit_rule order by month)
),

numbered as (
    select *, sum(begins::int) over (partition by person, exit_rule order by month) as spell_no from beginnings
),

spells as (
    select person, exit_rule, spell_no, min(month) as start_month, max(month) as end_month
    from numbered group by all
),

flags as (
    select person, exit_rule, spell_no, min(date_trunc('month', sent_date)) as flag_month
    from spells join kela_notifications using (person)
    where date_trunc('month', sent_date) between start_month and end_month
    group by all
)

select
    person,
    spell_no,
    start_month,
    date_diff('month', start_month, end_month) + 1 as length_months,
    exit_rule,
    date_diff('month', end_month, last_month) >= exit_rule as exited,
    start_month = first_month as left_truncated,
    -- An end can be seen only as many months before the end of the data as the rule needs.
    least(
        date_diff('month', start_month, end_month) + 1,
        greatest(date_diff('month', start_month, last_month) - exit_rule + 1, 0)
    ) as months_followed,
    applicant,
    date_diff('month', start_month, flag_month) as flag_month_relative,
    case when distance between -24 and 23 then distance end as age_months_minus_300
from spells
cross join study
join paid using (person)
left join flags using (person, exit_rule, spell_no)
where paid.month = start_month
order by person, exit_rule, spell_no
