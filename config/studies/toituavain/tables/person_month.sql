-- person_month: one row for each month in which any source tells something of a person.
-- The views that it reads are listed in person.sql.

with
paid as (
    select person, benefit_month as month, sum(paid_eur) as eur
    from kela_social_assistance
    where decision = 'myönnetty' and coalesce(paid_eur, 1) > 0
    group by all
),

assistance as (
    select person, benefit_month as month, bool_or(sa_primary_income) as sa_primary_income, max(reduction_pct) as reduction_pct
    from kela_social_assistance
    group by all
),

-- What began less what ended on a day, by organiser and service task. A day on which they are equal changes nothing, but
-- the person was a client on it.
turns as (
    select
        person, organiser_code as organiser, service_task, event_date as day,
        sum(case event_type when 'ASIAKKUUS_ALKU' then 1 else -1 end) as net
    from municipal_social_work
    where event_type in ('ASIAKKUUS_ALKU', 'ASIAKKUUS_LOPPU')
    group by all
),

changes as (
    select
        *,
        row_number() over earlier as number,
        min(case when net < 0 then day end) over (earlier rows between 1 following and unbounded following) as closes
    from turns
    where net <> 0
    window earlier as (partition by person, organiser, service_task order by day)
),

known as (
    select organiser, min(first_day) as first_day, max(last_day) as last_day
    from coverage where table_name = 'municipal_social_work' group by organiser
),

-- An end that is not in the data lies beyond what the organiser's data covers; so does a beginning.
relations as (
    select person, organiser, day as first_day, coalesce(closes, greatest(day, known.last_day)) as last_day
    from changes left join known using (organiser) where net > 0
    union all
    select person, organiser, least(day, known.first_day), day
    from changes left join known using (organiser) where net < 0 and number = 1
    union all
    select person, organiser, day, day from turns where net = 0
),

-- The months that any source covers as a whole.
study as (
    select
        date_trunc('month', min(first_day) - 1) + interval 1 month as first_month,
        date_trunc('month', max(last_day) + 1) - interval 1 month as last_month
    from coverage
),

contacts as (
    select person, date_trunc('month', event_date) as month, count(*) as contacts
    from municipal_social_work
    where (event_type = 'YHTEYDENOTTO' and contact_mode is not null) or event_type = 'PT_ARVIO_ALKU'
    group by all
),

payments as (
    select
        person,
        date_trunc('month', event_date) as month,
        floor(sum(eur) filter (event_type = 'TAYD_TUKI' and decision is distinct from 'hylätty') / 50) * 50 as supplementary,
        floor(sum(eur) filter (event_type = 'EHK_TUKI' and decision is distinct from 'hylätty') / 50) * 50 as preventive
    from municipal_social_work
    where event_type in ('TAYD_TUKI', 'EHK_TUKI')
    group by all
),

client_months as (
    select distinct person, unnest(generate_series(
        greatest(date_trunc('month', first_day), first_month),
        least(date_trunc('month', last_day), last_month),
        interval 1 month
    ))::date as month
    from relations, study
),

told as (
    select person, month::date as month from assistance
    union
    select person, month::date from contacts
    union
    select person, month::date from payments
    union
    select person, month from client_months
),

homes as (
    select person, first(municipality order by benefit_month, municipality) filter (municipality is not null) as home
    from kela_social_assistance group by person
),

-- The months of which whoever organises social services at home has complete data.
covered as (
    select person, month
    from told
    join homes using (person)
    left join municipality_county on municipality = home
    join coverage on table_name = 'municipal_social_work'
        and organiser = case when month < date '2023-01-01' then home else county end
        and first_day <= month and last_day >= last_day(month)
)

select
    t.person,
    t.month,
    p.person is not null as basic_paid,
    floor(p.eur / 50) * 50 as eur_band,
    a.sa_primary_income,
    a.reduction_pct,
    y.supplementary as supplementary_eur_band,
    y.preventive as preventive_eur_band,
    case when o.person is not null then true when c.person is not null then false end as client_open,
    case
        when k.contacts >= 6 then '6+'
        when k.contacts >= 3 then '3-5'
        when k.contacts >= 1 then k.contacts::varchar
        when c.person is not null then '0'
    end as n_contacts_band
from told t
join study on t.month between first_month and last_month
left join paid p using (person, month)
left join assistance a using (person, month)
left join contacts k using (person, month)
left join payments y using (person, month)
left join client_months o using (person, month)
left join covered c using (person, month)
order by t.person, t.month
