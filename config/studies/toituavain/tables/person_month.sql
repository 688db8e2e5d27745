-- person_month: one row for each person and month with data from any source, or within a spell.
-- The views that it reads are listed in person.sql.
--
-- The rows of a spell (by the rule of two months) are its counting process. A person who has had a notice is exposed from
-- the month after it on: months_since_flag >= 1.

with
paid as (
    select person, benefit_month as month, sum(paid_eur) as eur
    from kela_social_assistance
    where decision = 'myönnetty' and coalesce(paid_eur, 1) > 0
    group by all
),

assistance as (
    select
        person, benefit_month as month, min(role) as role,
        bool_or(sa_primary_income) as sa_primary_income, max(reduction_pct) as reduction_pct
    from kela_social_assistance
    group by all
),

-- The months that social assistance covers as a whole.
assisted as (
    select
        (date_trunc('month', min(first_day) - 1) + interval 1 month)::date as first_month,
        (date_trunc('month', max(last_day) + 1) - interval 1 month)::date as last_month
    from coverage where table_name = 'kela_social_assistance'
),

adult as (
    select distinct person, benefit_month as month
    from kela_social_assistance, assisted
    where decision = 'myönnetty' and coalesce(paid_eur, 1) > 0 and role in ('hakija', 'puoliso')
        and benefit_month between first_month and last_month
),

beginnings as (
    select person, month, coalesce(date_diff('month', lag(month) over earlier, month) > 2, true) as begins
    from adult
    window earlier as (partition by person order by month)
),

numbered as (
    select person, month, sum(begins::int) over (partition by person order by month) as spell_no from beginnings
),

spells as (select person, spell_no, min(month) as start_month, max(month) as end_month from numbered group by all),

flags as (
    select person, spell_no, min(date_trunc('month', sent_date)) as flag_month
    from spells join kela_notifications using (person)
    where date_trunc('month', sent_date) between start_month and end_month
    group by all
),

spell_months as (
    select person, spell_no, start_month, end_month, flag_month,
        unnest(generate_series(start_month, end_month, interval 1 month))::date as month
    from spells left join flags using (person, spell_no)
),

-- Openings less closings on a day, by organiser and service task. If they are equal, nothing changes, but the person was
-- a client on that day.
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
    union
    select person, month from spell_months
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
    a.role,
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
    end as n_contacts_band,
    -- Not known of a spell that may have begun before the data.
    case when s.start_month > d.first_month then date_diff('month', s.start_month, t.month) + 1 end as spell_month,
    case when flag_month <= t.month then date_diff('month', flag_month, t.month) end as months_since_flag,
    -- An end can be seen only as many months before the end of the data as the rule needs.
    case when s.person is not null and date_diff('month', t.month, d.last_month) >= 2 then t.month = s.end_month end as exits
from told t
join study on t.month between study.first_month and study.last_month
left join paid p using (person, month)
left join assistance a using (person, month)
left join contacts k using (person, month)
left join payments y using (person, month)
left join client_months o using (person, month)
left join covered c using (person, month)
left join spell_months s using (person, month)
cross join assisted d
order by t.person, t.month
