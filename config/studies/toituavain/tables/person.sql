-- person: one row for each person of the linked dataset.
--
-- Every query here reads the linked tables as views of their names, with exact dates and euros, and beside them
--   coverage            (table_name, organiser, first_day, last_day)  from the linked manifest, touching intervals joined
--   municipality_county (municipality, county)                        config/studies/toituavain/mappings
--   organiser_county    (organiser, county)                           config/studies/toituavain/mappings
--   calendar            (day, working_days)    how many working days there were up to and including the day
-- `examples/python/tables.py` sets them up. A test compares the tables with these queries cell by cell.

with
-- A month is paid where assistance was granted. The annual layout has no amounts and lists paid months only.
paid as (
    select person, benefit_month as month, sum(paid_eur) as eur
    from kela_social_assistance
    where decision = 'myönnetty' and coalesce(paid_eur, 1) > 0
    group by all
),

first_paid as (
    select person, min(month) as month from paid group by person
),

-- The first twelve months, beginning with the first paid one.
first_year as (
    select person, count(*) as months, floor(sum(eur) / (50 * count(eur))) * 50 as eur_band
    from paid join first_paid using (person)
    where paid.month < first_paid.month + interval 12 months
    group by person
),

-- The value in the first row that has one; of several rows of a day or month, the smallest.
assistance as (
    select
        person,
        first(sex order by benefit_month, sex) filter (sex is not null) as sex,
        first(age_months order by benefit_month, age_months) filter (age_months is not null) as age_months,
        first(municipality order by benefit_month, municipality) filter (municipality is not null) as home,
        first(household_type order by benefit_month, household_type) filter (household_type is not null) as household_type
    from kela_social_assistance
    group by person
),

notices as (
    select
        person,
        first(sex order by sent_date, sex) filter (sex is not null) as sex,
        first(age_months order by sent_date, age_months) filter (age_months is not null) as age_months,
        first(recipient_code order by sent_date, recipient_code) filter (recipient_code is not null) as recipient
    from kela_notifications
    group by person
),

events as (
    select
        person,
        coalesce(bool_or(event_type in ('ASIAKKUUS_ALKU', 'ASIAKKUUS_LOPPU')), false) as client,
        min(event_date) filter (event_type = 'ASIAKKUUS_ALKU') as client_start,
        count(distinct service) as services,
        coalesce(bool_or(event_type = 'TAYD_TUKI' and decision is distinct from 'hylätty'), false) as supplementary,
        coalesce(bool_or(event_type = 'EHK_TUKI' and decision is distinct from 'hylätty'), false) as preventive
    from municipal_social_work
    group by person
),

-- Whether the home's organiser, its municipality or its county, delivers data. If not, absence means unknown.
homes as (
    select
        person,
        exists (
            select 1 from coverage
            where table_name = 'municipal_social_work' and organiser in (a.home, m.county)
        ) as told
    from assistance a left join municipality_county m on m.municipality = a.home
)

select
    p.person,
    coalesce(a.sex, n.sex) as sex,
    case
        when coalesce(a.age_months, n.age_months) < 18 * 12 then '<18'
        when coalesce(a.age_months, n.age_months) < 25 * 12 then '18-24'
        when coalesce(a.age_months, n.age_months) < 30 * 12 then '25-29'
        when coalesce(a.age_months, n.age_months) < 40 * 12 then '30-39'
        when coalesce(a.age_months, n.age_months) < 55 * 12 then '40-54'
        when coalesce(a.age_months, n.age_months) < 65 * 12 then '55-64'
        when coalesce(a.age_months, n.age_months) is not null then '65+'
    end as age_group,
    coalesce(m.county, o.county) as county,
    a.household_type,
    f.month as first_sa_month,
    y.months as sa_months_12,
    y.eur_band as sa_eur_band,
    case when e.client then true when h.told then false end as social_work_client,
    date_trunc('month', e.client_start) as client_start_month,
    case when e.services > 0 then e.services when h.told then 0 end as n_services,
    case when e.supplementary then true when h.told then false end as supplementary_received,
    case when e.preventive then true when h.told then false end as preventive_received
from persons p
left join first_paid f using (person)
left join first_year y using (person)
left join assistance a using (person)
left join notices n using (person)
left join events e using (person)
left join homes h using (person)
left join municipality_county m on m.municipality = a.home
left join organiser_county o on o.organiser = n.recipient
order by person
