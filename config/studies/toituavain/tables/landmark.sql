-- landmark: adults who reach a landmark of their spell: a run of K paid months, then `wait` months in which the notice may
-- still be sent. The landmark month is time zero. Everything known by then is fixed; outcomes are counted from there.
-- The views that it reads are listed in person.sql; `client_open` is that of the rule month in person_month.

with
-- The settings of [analysis] and [[analysis.landmarks]].
rules as (
    select 4 as months, 1 as wait, 2 as exit_rule, 'TYOTON_ALLE25_4KK' as rule_type, date '2017-10-21' as since
),

-- The months that social assistance covers as a whole.
study as (
    select
        (date_trunc('month', min(first_day) - 1) + interval 1 month)::date as first_month,
        (date_trunc('month', max(last_day) + 1) - interval 1 month)::date as last_month
    from coverage where table_name = 'kela_social_assistance'
),

-- Adults only: a child's assistance is its household's.
paid as (
    select
        person, benefit_month as month,
        bool_or(role = 'hakija') as applicant,
        min(household_id) as household,
        min(age_months) as age_months,
        min(main_activity) as main_activity,
        bool_or(sa_primary_income) as is_primary
    from kela_social_assistance, study
    where decision = 'myönnetty' and coalesce(paid_eur, 1) > 0 and role in ('hakija', 'puoliso')
        and benefit_month between first_month and last_month
    group by all
),

marked as (
    select
        person, month,
        coalesce(date_diff('month', lag(month) over earlier, month) > exit_rule, true) as begins_spell,
        coalesce(date_diff('month', lag(month) over earlier, month) > 1, true) as begins_run
    from paid, rules
    window earlier as (partition by person order by month)
),

numbered as (
    select person, month, sum(begins_spell::int) over so_far as spell_no, sum(begins_run::int) over so_far as run_no
    from marked
    window so_far as (partition by person order by month)
),

spells as (select person, spell_no, min(month) as start_month, max(month) as end_month from numbered group by all),

runs as (select person, spell_no, run_no, min(month) as run_start, count(*) as length from numbered group by all),

-- The first run of the spell that is long enough.
reached as (
    select person, spell_no, months, min((run_start + to_months(months - 1))::date) as rule_month
    from runs, rules where length >= months
    group by all
),

-- Spells whose start is in the data and which are still open at the landmark.
landmarks as (
    select
        s.person, r.months as landmark, s.spell_no, s.start_month, s.end_month, r.rule_month,
        (r.rule_month + to_months(wait))::date as landmark_month,
        date_diff('month', end_month, last_month) >= exit_rule as exited,
        date_diff('month', rule_month, end_month) - wait + 1 as left_after,
        greatest(date_diff('month', rule_month, last_month) - wait - exit_rule + 1, 0) as observable
    from spells s join reached r using (person, spell_no), rules, study
    where s.start_month > first_month and s.end_month >= (r.rule_month + to_months(wait))::date
),

notices as (
    select person, date_trunc('month', sent_date)::date as month, type from kela_notifications
),

flags as (
    select
        l.person, l.landmark, l.spell_no,
        bool_or(n.month < rule_month) as earlier,
        bool_or(n.month between rule_month and landmark_month) as flagged,
        bool_or(n.month between rule_month and landmark_month and type = rule_type) as by_rule,
        min(date_diff('month', landmark_month, n.month)) filter (n.month > landmark_month) as later
    from landmarks l join notices n using (person), rules
    where n.month between start_month and end_month
    group by all
),

qualifying as (
    select l.person, l.landmark, l.spell_no, count(*) as months
    from landmarks l join paid p using (person)
    where p.month > (rule_month - to_months(l.landmark))::date and p.month <= rule_month
        and p.is_primary and p.main_activity = 'unemployed'
    group by all
),

-- Months after the landmark, as far as the data goes. Without assistance it was not the primary income.
later_months as (
    select
        l.person, l.landmark, l.spell_no, n,
        p.person is not null as paid,
        case when p.person is null then false else p.is_primary end as is_primary
    from landmarks l
    cross join study
    cross join generate_series(1, 12) series(n)
    left join paid p on p.person = l.person and p.month = (l.landmark_month + to_months(n::int))::date
    where (l.landmark_month + to_months(n::int))::date <= last_month
),

outcomes as (
    select
        person, landmark, spell_no,
        bool_or(paid) filter (n = 1) as paid_m1,
        bool_or(paid) filter (n = 2) as paid_m2,
        bool_or(paid) filter (n = 3) as paid_m3,
        bool_or(paid) filter (n = 4) as paid_m4,
        bool_or(paid) filter (n = 5) as paid_m5,
        bool_or(paid) filter (n = 6) as paid_m6,
        bool_or(paid) filter (n = 7) as paid_m7,
        bool_or(paid) filter (n = 8) as paid_m8,
        bool_or(paid) filter (n = 9) as paid_m9,
        bool_or(paid) filter (n = 10) as paid_m10,
        bool_or(paid) filter (n = 11) as paid_m11,
        bool_or(paid) filter (n = 12) as paid_m12,
        bool_or(is_primary) filter (n = 1) as primary_m1,
        bool_or(is_primary) filter (n = 2) as primary_m2,
        bool_or(is_primary) filter (n = 3) as primary_m3,
        bool_or(is_primary) filter (n = 4) as primary_m4,
        bool_or(is_primary) filter (n = 5) as primary_m5,
        bool_or(is_primary) filter (n = 6) as primary_m6,
        bool_or(is_primary) filter (n = 7) as primary_m7,
        bool_or(is_primary) filter (n = 8) as primary_m8,
        bool_or(is_primary) filter (n = 9) as primary_m9,
        bool_or(is_primary) filter (n = 10) as primary_m10,
        bool_or(is_primary) filter (n = 11) as primary_m11,
        bool_or(is_primary) filter (n = 12) as primary_m12
    from later_months group by all
)

select
    l.person,
    l.landmark,
    l.spell_no,
    l.start_month,
    l.landmark_month,
    -- Null where the rule came into force between the rule month and the landmark.
    case when rule_month >= since then true when last_day(landmark_month) < since then false end as rule_in_force,
    p.applicant,
    p.household,
    case when p.age_months - 300 between -24 and 23 then p.age_months - 300 end as age_months_minus_300,
    p.age_months < 300 as under_25,
    p.main_activity,
    coalesce(q.months, 0) as qualifying_months,
    c.client_open,
    coalesce(f.earlier, false) as flagged_earlier,
    coalesce(f.flagged, false) as flagged,
    coalesce(f.by_rule, false) as flagged_by_rule,
    f.later as flagged_later_month,
    least(left_after, observable) as months_followed,
    l.exited and left_after <= observable as exited,
    columns('(paid|primary)_m.*')
from landmarks l
cross join rules
join paid p on p.person = l.person and p.month = l.rule_month
left join person_month c on c.person = l.person and c.month = l.rule_month
left join flags f on f.person = l.person and f.landmark = l.landmark and f.spell_no = l.spell_no
left join qualifying q on q.person = l.person and q.landmark = l.landmark and q.spell_no = l.spell_no
left join outcomes o on o.person = l.person and o.landmark = l.landmark and o.spell_no = l.spell_no
order by l.person, l.landmark, l.spell_no
