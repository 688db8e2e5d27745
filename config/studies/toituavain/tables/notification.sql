-- notification: one row for each notice, and the first contact after it.
-- The views that it reads are listed in person.sql.

with
notices as (
    select
        person, notification_id, sent_date, recipient_code, transferred_from,
        case when transferred_date > sent_date then transferred_date end as handed_on
    from kela_notifications
),

-- Who had the notice, from which day to which: before and after a transfer.
handling as (
    select person, notification_id, sent_date, transferred_from as organiser,
        sent_date as first_day, handed_on - 1 as last_day, false as transferred
    from notices where handed_on is not null
    union all
    select person, notification_id, sent_date, recipient_code,
        coalesce(handed_on, sent_date), date '9999-12-31', handed_on is not null
    from notices
),

-- From 2023 on counties organise what municipalities did before; a county is its own.
path as (
    select person, notification_id, sent_date, organiser, first_day,
        least(last_day, date '2022-12-31') as last_day, transferred
    from handling where first_day < date '2023-01-01'
    union all
    select person, notification_id, sent_date, county,
        greatest(first_day, date '2023-01-01'), last_day, transferred and first_day >= date '2023-01-01'
    from handling left join organiser_county using (organiser)
    where last_day >= date '2023-01-01'
),

-- How far the data of whoever had the notice goes on without a gap.
followed as (
    select
        p.*,
        coalesce(c.last_day, p.first_day - 1) as known_until,
        case
            when c.organiser is not null then 'data_end'
            when p.first_day = sent_date then 'not_covered'
            when p.transferred then 'transferred_out'
            else 'data_end'
        end as reason
    from path p
    left join coverage c on c.table_name = 'municipal_social_work' and c.organiser = p.organiser
        and p.first_day between c.first_day and c.last_day
),

ends as (
    select person, notification_id, sent_date,
        min(known_until) as known_until,
        first(reason order by first_day) as reason
    from followed
    where known_until < last_day
    group by all
),

-- Follow-up ends at death, or at a move away from the organiser responsible for the notice.
gone as (
    select e.person, e.notification_id, min(s.event_date) as day
    from ends e
    join municipal_social_work s on s.person = e.person and s.event_type = 'ASIAKKUUS_LOPPU'
        and s.event_date between e.sent_date and e.known_until
    where s.end_reason = 'kuolema'
        or s.end_reason = 'muutto' and s.organiser_code in (
            select organiser from path p where p.person = e.person and p.notification_id = e.notification_id
        )
    group by all
),

follow_up as (
    select
        e.person, e.notification_id, e.sent_date,
        coalesce(g.day, e.known_until) as until_day,
        case when g.day is not null then 'death_or_move' else e.reason end as reason
    from ends e left join gone g using (person, notification_id)
),

-- A contact with a mode, or the beginning of an assessment. A notice that arrives (VIREILLETULO) is none.
contacts as (
    select person, organiser_code as organiser, event_date as day, linked_notification,
        event_type = 'PT_ARVIO_ALKU' as assessment
    from municipal_social_work
    where (event_type = 'YHTEYDENOTTO' and contact_mode is not null) or event_type = 'PT_ARVIO_ALKU'
),

-- A contact that names the notice answers it. Otherwise the first contact of the organiser responsible does.
linked as (
    select f.person, f.notification_id, min(day) as contact, min(day) filter (assessment) as assessment
    from follow_up f
    join contacts c on c.person = f.person and c.linked_notification = f.notification_id
        and c.day between f.sent_date and f.until_day
    group by all
),

by_rule as (
    select f.person, f.notification_id, min(day) as contact, min(day) filter (assessment) as assessment
    from follow_up f
    join path p using (person, notification_id)
    join contacts c on c.person = f.person and c.organiser = p.organiser
        and c.day between p.first_day and p.last_day and c.day between f.sent_date and f.until_day
    group by all
),

answers as (
    select
        f.*,
        coalesce(l.contact, r.contact) as contact,
        coalesce(l.assessment, r.assessment) as assessment,
        case when l.contact is not null then 'linked' when r.contact is not null then 'rule' else 'none' end as match_kind
    from follow_up f
    left join linked l using (person, notification_id)
    left join by_rule r using (person, notification_id)
),

-- Client relations, as in person_month.sql.
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

relations as (
    select person, organiser, day as first_day, coalesce(closes, greatest(day, known.last_day)) as last_day
    from changes left join known using (organiser) where net > 0
    union all
    select person, organiser, least(day, known.first_day), day
    from changes left join known using (organiser) where net < 0 and number = 1
    union all
    select person, organiser, day, day from turns where net = 0
),

-- Who was a client when the notice was sent, of whoever received it; known where its data goes back for twelve months.
clients as (
    select
        p.person, p.notification_id,
        exists (
            select 1 from relations r
            where r.person = p.person and r.organiser = p.organiser and p.sent_date between r.first_day and r.last_day
        ) as already_client
    from path p
    join coverage c on c.table_name = 'municipal_social_work' and c.organiser = p.organiser
        and p.sent_date - interval 12 months >= c.first_day and p.sent_date <= c.last_day
    where p.first_day = p.sent_date
)

select
    n.person,
    n.notification_id as notification,
    n.type,
    n.reason,
    n.urgency,
    date_trunc('month', n.sent_date) as sent_month,
    o.county as recipient_county,
    n.transferred_date is not null as transferred,
    k.already_client,
    a.contact - n.sent_date as days_to_first_contact,
    contacted.working_days - sent.working_days as working_days_to_first_contact,
    a.assessment - n.sent_date as days_to_assessment,
    case when n.sent_date + 7 <= a.until_day then coalesce(a.contact <= n.sent_date + 7, false) end as reached_7d,
    case when n.sent_date + 30 <= a.until_day then coalesce(a.contact <= n.sent_date + 30, false) end as reached_30d,
    case when n.sent_date + 90 <= a.until_day then coalesce(a.contact <= n.sent_date + 90, false) end as reached_90d,
    n.sent_date + 7 > a.until_day as censored_7d,
    n.sent_date + 30 > a.until_day as censored_30d,
    n.sent_date + 90 > a.until_day as censored_90d,
    case when n.sent_date + 90 > a.until_day then a.reason end as censor_reason,
    case when a.until_day >= n.sent_date then a.until_day - n.sent_date end as followed_days,
    -- Time to the first contact, or to the end of follow-up.
    case when a.until_day >= n.sent_date then a.contact is not null end as contacted,
    coalesce(a.contact - n.sent_date, case when a.until_day >= n.sent_date then a.until_day - n.sent_date end) as days_at_risk,
    a.match_kind
from kela_notifications n
left join answers a using (person, notification_id)
left join clients k using (person, notification_id)
left join organiser_county o on o.organiser = n.recipient_code
left join calendar sent on sent.day = n.sent_date
left join calendar contacted on contacted.day = a.contact
order by n.person, n.notification_id
