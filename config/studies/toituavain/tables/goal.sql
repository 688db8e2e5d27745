-- goal: goals of client plans: aim, outcome, and months of assistance before and after.
-- The views that it reads are listed in person.sql.

with
study as (
    select
        (date_trunc('month', min(first_day) - 1) + interval 1 month)::date as first_month,
        (date_trunc('month', max(last_day) + 1) - interval 1 month)::date as last_month
    from coverage where table_name = 'kela_social_assistance'
),

paid as (
    select distinct person, benefit_month as month
    from kela_social_assistance
    where decision = 'myönnetty' and coalesce(paid_eur, 1) > 0
),

goals as (
    select
        person, plan_id, goal_category,
        min(assessment_date) filter (assessment = 'ALKU') as begins,
        first(age_months order by assessment_date, organiser_code, age_months) filter (assessment = 'ALKU') as age_months,
        first(organiser_code order by assessment_date, organiser_code) filter (assessment = 'ALKU') as organiser,
        -- The aim at the first assessment that tells one, beginnings first.
        first(aim order by assessment <> 'ALKU', assessment_date, aim) filter (aim is not null) as aim,
        count(distinct method) as n_methods,
        count(distinct service) as n_services
    from municipal_avain
    group by all
),

-- The last assessment after the beginning that has an outcome; of one day, the final one.
followed as (
    select
        person, plan_id, goal_category,
        last(assessment_date order by assessment_date, assessment = 'LOPPU', outcome) as day,
        last(outcome order by assessment_date, assessment = 'LOPPU', outcome) as outcome
    from municipal_avain join goals using (person, plan_id, goal_category)
    where assessment <> 'ALKU' and assessment_date >= begins and outcome is not null
    group by all
),

-- The plan's organiser, and the county that took over from it.
organisers as (
    select organiser, organiser as known from organiser_county
    union
    select organiser, county from organiser_county
),

assessed_until as (
    select o.organiser, max(last_day) as last_day
    from organisers o join coverage c on c.table_name = 'municipal_avain' and c.organiser = o.known
    group by all
),

-- The first end of a client relation with the organiser, or death, from the beginning on.
departures as (
    select g.person, g.plan_id, g.goal_category, min(e.event_date) as day
    from goals g
    join municipal_social_work e on e.person = g.person and e.event_type = 'ASIAKKUUS_LOPPU' and e.event_date >= g.begins
    left join organisers o on o.organiser = g.organiser and o.known = e.organiser_code
    where e.end_reason = 'kuolema' or o.known is not null
    group by all
),

assisted as (
    select
        g.person, g.plan_id, g.goal_category,
        count(month) filter (month < date_trunc('month', begins)) as before,
        count(month) filter (month > date_trunc('month', begins)) as after
    from goals g
    left join paid p on p.person = g.person
        and month between date_trunc('month', begins) - interval 12 months and date_trunc('month', begins) + interval 12 months
    group by all
)

select
    person,
    plan_id as plan,
    goal_category,
    aim,
    date_trunc('month', begins) as start_month,
    case
        when age_months < 18 * 12 then '<18'
        when age_months < 25 * 12 then '18-24'
        when age_months < 30 * 12 then '25-29'
        when age_months < 40 * 12 then '30-39'
        when age_months < 55 * 12 then '40-54'
        when age_months < 65 * 12 then '55-64'
        when age_months is not null then '65+'
    end as age_group,
    date_trunc('month', f.day) as followup_month,
    f.outcome,
    -- An assessment is due in the ninth month, the first included.
    case
        when begins is null then null
        when f.outcome = 'ei_arvioitu' then 'not_assessed'
        when f.outcome is not null then 'assessed'
        when date_diff('month', begins, d.day) < 8 then 'left'
        when date_diff('month', begins, u.last_day) < 8 then 'too_early'
        else 'none'
    end as followup,
    n_methods,
    n_services,
    -- Only where the data goes back, or on, for twelve months.
    case when date_trunc('month', begins) - interval 12 months >= first_month
        and date_trunc('month', begins) - interval 1 month <= last_month then before end as sa_months_before,
    case when date_trunc('month', begins) + interval 1 month >= first_month
        and date_trunc('month', begins) + interval 12 months <= last_month then after end as sa_months_after
from goals
cross join study
left join followed f using (person, plan_id, goal_category)
left join assisted using (person, plan_id, goal_category)
left join departures d using (person, plan_id, goal_category)
left join assessed_until u on u.organiser = goals.organiser
order by person, plan, goal_category
