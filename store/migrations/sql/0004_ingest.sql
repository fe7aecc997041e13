-- Aggregates know which accounts have changed, and batches whether a provisional account is there at all.

create index ix_accounts_provisional on accounts (tenant_id) where is_provisional;

create table account_changes (
  tenant_id uuid not null,
  account_id uuid not null,
  aggregate text not null,
  change_id uuid not null,
  since date,
  constraint pk_account_changes primary key (tenant_id, account_id, aggregate, change_id),
  constraint ck_account_changes_aggregate_known check (aggregate in ('totals', 'days')),
  constraint fk_account_changes_accounts foreign key (tenant_id, account_id) references accounts (tenant_id, account_id) on delete cascade
);
alter table account_changes enable row level security;
alter table account_changes force row level security;
revoke all on account_changes from public;
create policy tenant on account_changes to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on account_changes to whyral_app;

create table aggregates_made (
  tenant_id uuid not null,
  aggregate text not null,
  method text not null,
  as_of timestamp with time zone not null,
  constraint pk_aggregates_made primary key (tenant_id, aggregate)
);
alter table aggregates_made enable row level security;
alter table aggregates_made force row level security;
revoke all on aggregates_made from public;
create policy tenant on aggregates_made to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on aggregates_made to whyral_app;

-- What is put marks its accounts itself; what is deleted is marked here, whoever deletes it. As the caller, under its row-level security.
create function app.mark_gone_snapshots() returns trigger language plpgsql security invoker set search_path = public, pg_temp as $body$
begin
  insert into account_changes (tenant_id, account_id, aggregate, change_id, since)
    select v.tenant_id, v.account_id, 'days', gen_random_uuid(), min((g.observed_at at time zone 'UTC')::date)
      from gone g join videos v on v.tenant_id = g.tenant_id and v.video_id = g.video_id group by v.tenant_id, v.account_id;
  return null;
end $body$;

create function app.mark_gone_videos() returns trigger language plpgsql security invoker set search_path = public, pg_temp as $body$
begin
  insert into account_changes (tenant_id, account_id, aggregate, change_id, since)
    select a.tenant_id, a.account_id, m.aggregate, gen_random_uuid(), m.since
      from (select distinct tenant_id, account_id from gone) g join accounts a on a.tenant_id = g.tenant_id and a.account_id = g.account_id
      cross join (values ('totals', null::date), ('days', date '0001-01-01')) m(aggregate, since);
  return null;
end $body$;

revoke all on function app.mark_gone_snapshots(), app.mark_gone_videos() from public;

create trigger mark_gone_snapshots after delete on video_snapshots referencing old table as gone
  for each statement execute function app.mark_gone_snapshots();
create trigger mark_gone_videos after delete on videos referencing old table as gone
  for each statement execute function app.mark_gone_videos();
