-- spell: consecutive months of assistance, by the rule that one month without ends a spell and by the rule of two.
-- The views that it reads are listed in person.sql.
--
-- A spell that starts in the first month of the data may have begun before (left-truncated); one that is not `exited` went
-- on to where too few months follow to tell (right-censored).

with
-- The months that social assistance covers as a whole.
study as (
    select
        (date_trunc('month', min(first_day) - 1) + interval 1 month)::date as first_month,
        (date_trunc('month', max(last_day) + 1) - interval 1 month)::date as last_month
    from coverage where table_name = 'kela_social_assistance'
),

paid as (
    select distinct person, benefit_month as month
    from kela_social_assistance, study
    where decision = 'myönnetty' and coalesce(paid_eur, 1) > 0 and benefit_month between first_month and last_month
),

-- Whether assistance was the primary income of a month, where any row tells.
told as (
    select person, benefit_month as month, bool_or(sa_primary_income) as sa_primary_income
    from kela_social_assistance
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
),

ages as (
    select person, benefit_month as start_month, min(age_months) - 300 as distance
    from kela_social_assistance group by all
),

-- Assistance was not the primary income of a month without any.
months as (
    select
        s.person, s.exit_rule, s.spell_no, n,
        coalesce(t.sa_primary_income, case when p.person is null then false end) as sa_primary
    from spells s
    cross join study
    cross join generate_series(1, 12) series(n)
    left join told t on t.person = s.person and t.month = s.start_month + to_months(n::int - 1)
    left join paid p on p.person = s.person and p.month = s.start_month + to_months(n::int - 1)
    where s.start_month + to_months(n::int - 1) <= last_month
),

primary_income as (
    select
        person, exit_rule, spell_no,
        bool_or(sa_primary) filter (n = 1) as sa_primary_m1,
        bool_or(sa_primary) filter (n = 2) as sa_primary_m2,
        bool_or(sa_primary) filter (n = 3) as sa_primary_m3,
        bool_or(sa_primary) filter (n = 4) as sa_primary_m4,
        bool_or(sa_primary) filter (n = 5) as sa_primary_m5,
        bool_or(sa_primary) filter (n = 6) as sa_primary_m6,
        bool_or(sa_primary) filter (n = 7) as sa_primary_m7,
        bool_or(sa_primary) filter (n = 8) as sa_primary_m8,
        bool_or(sa_primary) filter (n = 9) as sa_primary_m9,
        bool_or(sa_primary) filter (n = 10) as sa_primary_m10,
        bool_or(sa_primary) filter (n = 11) as sa_primary_m11,
        bool_or(sa_primary) filter (n = 12) as sa_primary_m12
    from months group by all
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
    flag_month is not null as flagged,
    date_diff('month', start_month, flag_month) as flag_month_relative,
    case when distance between -24 and 24 then distance end as age_months_minus_300,
    columns('sa_primary_m.*')
from spells
cross join study
join primary_income using (person, exit_rule, spell_no)
left join flags using (person, exit_rule, spell_no)
left join ages using (person, start_month)
order by person, exit_rule, spell_no
