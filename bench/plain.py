"""What pages of the desk tell, asked for by plain SQL over what the books hold, without any sums.

For PostgreSQL. Whole months in UTC, the last twelve of them: the least that says the same.
"""

MONTHS = """
with months as (
    select generate_series(
        date_trunc('month', now()) - interval '12 months', date_trunc('month', now()), '1 month'
    ) as at
), giving as (
    select months.at, term.person_id, subscription.currency,
        sum(case term.interval when 'year' then term.amount / 12.0 else term.amount end) as monthly
    from months
    join term on term.starts_at <= months.at and term.ends_at > months.at and term.settled = 'paid'
    join subscription on subscription.id = term.subscription_id
    group by 1, 2, 3
)
"""
MOVEMENTS = (
    MONTHS
    + """
select coalesce(after.at, before.at + interval '1 month'),
    coalesce(after.currency, before.currency),
    case when before.monthly is null then 'new' when after.monthly is null then 'churn'
        when after.monthly > before.monthly then 'expansion'
        when after.monthly < before.monthly then 'contraction' end,
    sum(coalesce(after.monthly, 0) - coalesce(before.monthly, 0)), count(*)
from giving as after
full join giving as before on before.person_id = after.person_id
    and before.currency = after.currency and before.at = after.at - interval '1 month'
group by 1, 2, 3
"""
)
COHORTS = (
    MONTHS
    + """
, first as (
    select term.person_id, subscription.currency,
        date_trunc('month', min(term.starts_at)) as cohort
    from term join subscription on subscription.id = term.subscription_id
    group by 1, 2
)
select first.cohort, giving.at, giving.currency, count(*), sum(giving.monthly)
from giving join first using (person_id, currency)
where first.cohort >= date_trunc('month', now()) - interval '12 months'
group by 1, 2, 3
"""
)
KEPT = (
    MONTHS
    + """
select after.at, after.currency, sum(before.monthly), sum(after.monthly),
    sum(least(before.monthly, coalesce(after.monthly, 0)))
from giving as before
left join giving as after on before.person_id = after.person_id
    and before.currency = after.currency and before.at = after.at - interval '1 month'
group by 1, 2
"""
)
RECEIVED = """
select date_trunc('month', occurred_at), currency, kind, subscription_id is null,
    sum(amount), count(*)
from ledger_entry where occurred_at >= date_trunc('month', now()) - interval '12 months'
group by 1, 2, 3, 4
"""
RECEIVED_LATELY = """
select occurred_at >= date_trunc('month', now()), currency, kind, sum(amount)
from ledger_entry where occurred_at >= date_trunc('month', now()) - interval '1 month'
group by 1, 2, 3
"""
SETTLED = """
select date_trunc('month', created_at), currency, sum(net), sum(fee)
from settlement where created_at >= date_trunc('month', now()) - interval '12 months'
group by 1, 2
"""
SUPPORTERS = """
with months as (
    select generate_series(
        date_trunc('month', now()) - interval '12 months', date_trunc('month', now()), '1 month'
    ) as at
)
select months.at, kind, count(distinct person_id)
from months join membership_period on starts_at <= months.at and ends_at > months.at
group by 1, 2
"""
SUPPORTERS_NOW = """
select language, tier_id, interval, currency, count(distinct membership_period.person_id)
from membership_period
join person on person.id = membership_period.person_id
left join subscription on subscription.stripe_id = membership_period.source
where starts_at <= now() and ends_at > now()
group by 1, 2, 3, 4
"""
CAME_AND_WENT = """
select date_trunc('month', starts_at), count(*) from (
    select person_id, min(starts_at) as starts_at from membership_period group by 1
) as first group by 1
union all
select date_trunc('month', ends_at), count(*) from (
    select person_id, max(ends_at) as ends_at from membership_period group by 1
) as last where ends_at <= now() group by 1
"""
LEFT = """
select coalesce(cancel_feedback, end_reason), tier_id, interval, currency,
    width_bucket(extract(epoch from ended_at - started_at) / 2629800.0, array[1, 3, 6, 12, 24, 36]),
    count(*), sum(amount)
from subscription where ended_at >= date_trunc('month', now()) - interval '12 months'
group by 1, 2, 3, 4, 5
"""
RECOVERY = """
select date_trunc('month', failed_at), currency, refusal, recovered_at is not null,
    count(*), sum(amount)
from failed_payment where failed_at >= date_trunc('month', now()) - interval '12 months'
group by 1, 2, 3, 4
"""
RENEWED = """
select date_trunc('month', occurred_at), currency, count(*) from ledger_entry
where is_renewal and occurred_at >= date_trunc('month', now()) - interval '12 months'
group by 1, 2
"""
COMING = """
select current_period_end::date, currency, interval, cancel_at is not null, count(*), sum(amount)
from subscription
where status = 'active' and current_period_end < now() + interval '90 days'
group by 1, 2, 3, 4
"""
CARDS = """
select card.expires_on, subscription.currency, count(*), sum(amount)
from card join subscription on subscription.stripe_customer = card.stripe_customer
where subscription.status = 'active' and card.expires_on < now() + interval '90 days'
group by 1, 2
"""
SOURCES = """
with first as (
    select person_id, currency, min(occurred_at) as at from ledger_entry
    where kind = 'charge' group by 1, 2
)
select source, referrer, campaign, first.currency, count(distinct first.person_id),
    sum(ledger_entry.amount)
from first
join ledger_entry on ledger_entry.person_id = first.person_id and ledger_entry.kind <> 'fee'
    and ledger_entry.occurred_at < first.at + interval '1 year'
left join donation on donation.person_id = first.person_id
where first.at >= date_trunc('month', now()) - interval '12 months'
group by 1, 2, 3, 4
"""
SEARCH = """
select id, name, email from person where name ilike :name or email ilike :name
order by id desc limit 50
"""
PERSON = """
select kind, currency, sum(amount), count(*) from ledger_entry
where person_id = :person group by 1, 2
"""
PAYMENTS = """
select ledger_entry.*, person.name from ledger_entry join person on person.id = person_id
where kind <> 'fee' order by occurred_at desc limit 50
"""

PLAIN = {
    "overview": (MOVEMENTS, SUPPORTERS, CAME_AND_WENT, RECEIVED_LATELY, CARDS),
    "revenue": (MOVEMENTS, RECEIVED, SETTLED),
    "supporters": (SUPPORTERS, SUPPORTERS_NOW, CAME_AND_WENT),
    "cohorts": (COHORTS, KEPT),
    "leaving": (LEFT,),
    "recovery": (RECOVERY, RENEWED),
    "coming": (COMING, CARDS),
    "sources": (SOURCES,),
    "people search": (SEARCH,),
    "a person": (PERSON,),
    "payments": (PAYMENTS,),
}
"""By the name of a page, as bench/figures.py asks for it."""
