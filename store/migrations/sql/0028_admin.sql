-- Administrators of the platform: suspension, overrides of plans, feedback, switches, acting as a member, and lists across workspaces.

ALTER TABLE tenants ADD COLUMN suspended_at TIMESTAMP WITH TIME ZONE, ADD COLUMN suspension_reason TEXT;

CREATE TABLE plan_overrides (
  tenant_id UUID NOT NULL,
  what TEXT NOT NULL,
  plan TEXT,
  most BIGINT,
  period TEXT DEFAULT 'total' NOT NULL,
  reason TEXT NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_plan_overrides PRIMARY KEY (tenant_id, what),
  CONSTRAINT fk_plan_overrides_plans FOREIGN KEY(plan) REFERENCES plans (plan),
  CONSTRAINT fk_plan_overrides_tenants FOREIGN KEY(tenant_id) REFERENCES tenants (tenant_id) ON DELETE CASCADE,
  CONSTRAINT ck_plan_overrides_most_not_negative CHECK (most >= 0),
  CONSTRAINT ck_plan_overrides_period_known CHECK (period in ('day', 'month', 'total')),
  CONSTRAINT ck_plan_overrides_one_thing CHECK ((what = 'plan') = (plan is not null))
);

CREATE TABLE feedback (
  tenant_id UUID NOT NULL,
  feedback_id UUID NOT NULL,
  user_id UUID,
  category TEXT NOT NULL,
  message TEXT NOT NULL,
  rating INTEGER,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  done_at TIMESTAMP WITH TIME ZONE,
  done_by UUID,
  CONSTRAINT pk_feedback PRIMARY KEY (tenant_id, feedback_id),
  CONSTRAINT fk_feedback_tenants FOREIGN KEY(tenant_id) REFERENCES tenants (tenant_id) ON DELETE CASCADE,
  CONSTRAINT ck_feedback_rating_in_range CHECK (rating between 1 and 5)
);
CREATE INDEX ix_feedback_newest ON feedback (created_at DESC);

CREATE TABLE switch_overrides (
  tenant_id UUID NOT NULL,
  name TEXT NOT NULL,
  is_on BOOLEAN NOT NULL,
  reason TEXT NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_switch_overrides PRIMARY KEY (tenant_id, name),
  CONSTRAINT fk_switch_overrides_tenants FOREIGN KEY(tenant_id) REFERENCES tenants (tenant_id) ON DELETE CASCADE
);

CREATE TABLE switches (
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  is_on BOOLEAN NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_switches PRIMARY KEY (name)
);

DO $$ declare name text; begin
  foreach name in array array['plan_overrides', 'feedback', 'switch_overrides', 'switches'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('revoke all on %I from public', name);
    if name <> 'switches' then
      execute format('create policy tenant on %I to whyral_app using (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)'
        ' with check (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)', name);
      execute format('grant select, insert, update, delete on %I to whyral_app', name);
    end if;
  end loop;
  -- What an administrator reads across workspaces; another migration may have let the definer pass already.
  foreach name in array array['plan_overrides', 'feedback', 'switch_overrides', 'switches', 'requests', 'outbox', 'reservations', 'ledger_days',
      'external_calls', 'usage_counters', 'audit_log'] loop
    if not exists (select from pg_policies p where p.schemaname = 'public' and p.tablename = name and 'whyral_definer' = any(p.roles)) then
      execute format('create policy definer on %I to whyral_definer using (true) with check (true)', name);
    end if;
    execute format('grant select on %I to whyral_definer', name);
  end loop;
end $$;
grant insert on audit_log to whyral_definer;
grant insert, update on switches to whyral_definer;

grant create on schema app to whyral_definer;
-- A state of our own (class WH): the code turns it into 403 `suspended`.
create function app.refuse_suspended() returns void language plpgsql stable set search_path = public, pg_temp as $body$
begin
  raise exception using errcode = 'WH403', message = 'the workspace is suspended';
end$body$;
revoke all on function app.refuse_suspended() from public;
grant execute on function app.refuse_suspended() to whyral_definer;

-- What a workspace may do today: its plan, or the one that an administrator gave it for a time, and the limits that were set apart.
create function app.limits_of(workspace uuid) returns table (plan text, status text, limits jsonb)
  language sql stable security invoker set search_path = public, pg_temp as $body$
  select p.plan, case when o.plan is null then s.status else 'active' end, p.limits || coalesce(l.limits, '{}')
    from subscriptions s
    left join plan_overrides o on o.tenant_id = s.tenant_id and o.what = 'plan' and o.expires_at > clock_timestamp()
    join plans p on p.plan = coalesce(o.plan, s.plan)
    left join lateral (select jsonb_object_agg(m.what, jsonb_build_object('limit', m.most, 'period', m.period)) as limits from plan_overrides m
      where m.tenant_id = s.tenant_id and m.what <> 'plan' and m.expires_at > clock_timestamp()) l on true
   where s.tenant_id = workspace
$body$;
revoke all on function app.limits_of(uuid) from public;
grant execute on function app.limits_of(uuid) to whyral_app;

create or replace function app.take_usage(workspace uuid, wanted text, units bigint, op text, today date)
  returns table (outcome text, period text, period_start date, most bigint, used bigint)
  language plpgsql volatile security invoker set search_path = public, pg_temp as $body$
#variable_conflict use_column
declare paid text; rule jsonb; known usage_takes%rowtype; per text; first date; ceiling bigint; total bigint;
begin
  select l.status, l.limits -> wanted into paid, rule from app.limits_of(workspace) l;
  if rule is null then return query select 'refused', null::text, null::date, null::bigint, null::bigint; return; end if;
  if paid not in ('active', 'trial', 'canceling') then
    return query select 'unpaid', null::text, null::date, null::bigint, null::bigint; return;
  end if;
  per := rule ->> 'period';
  ceiling := (rule ->> 'limit')::bigint;
  first := case per when 'day' then today when 'month' then date_trunc('month', today)::date else date '1970-01-01' end;
  insert into usage_takes (tenant_id, operation, meter, period_start, amount) values (workspace, op, wanted, first, units) on conflict do nothing;
  if not found then
    select t.* into strict known from usage_takes t where t.tenant_id = workspace and t.operation = op;
    select c.used into total from usage_counters c
     where c.tenant_id = workspace and c.meter = known.meter and c.period_start = known.period_start;
    return query select
      case when known.given_back_at is null and known.meter = wanted and known.amount = units then 'taken' else 'conflict' end,
      per, known.period_start, ceiling, total;
    return;
  end if;
  insert into usage_counters as c (tenant_id, meter, period_start, used) select workspace, wanted, first, units
    where ceiling is null or units <= ceiling
    on conflict (tenant_id, meter, period_start) do update set used = c.used + excluded.used
    where ceiling is null or c.used + excluded.used <= ceiling
    returning c.used into total;
  if found then return query select 'taken', per, first, ceiling, total; return; end if;
  delete from usage_takes t where t.tenant_id = workspace and t.operation = op;
  select c.used into total from usage_counters c where c.tenant_id = workspace and c.meter = wanted and c.period_start = first;
  return query select 'full', per, first, ceiling, coalesce(total, 0);
end$body$;


create or replace function app.enter(hash bytea) returns table (tenant_id uuid, user_id uuid, key_id uuid, scopes text[]) language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare held record;
begin
  select k.tenant_id, k.user_id, k.key_id, k.scopes, k.last_used_at, t.suspended_at into held
    from api_keys k join users u on u.user_id = k.user_id join tenants t on t.tenant_id = k.tenant_id
   where k.key_hash = hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > clock_timestamp()) and u.is_active;
  if not found then return; end if;
  if held.suspended_at is not null then perform app.refuse_suspended(); end if;
  perform set_config('app.tenant', held.tenant_id::text, true);
  perform set_config('app.user', held.user_id::text, true);
  if held.last_used_at is null or held.last_used_at < clock_timestamp() - interval '1 minute' then
    -- A busy key is not worth waiting for: whoever holds the row writes the same minute.
    update api_keys k set last_used_at = clock_timestamp() where (k.tenant_id, k.key_id) in
      (select l.tenant_id, l.key_id from api_keys l where l.tenant_id = held.tenant_id and l.key_id = held.key_id for update skip locked);
  end if;
  return query select held.tenant_id, held.user_id, held.key_id, held.scopes;
end$body$;


create or replace function app.enter_key(hash bytea) returns table (tenant_id uuid, user_id uuid, key_id uuid, scopes text[], role text)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare held record;
begin
  select k.tenant_id, k.user_id, k.key_id, k.scopes, k.last_used_at, m.role, t.suspended_at into held
    from api_keys k join users u on u.user_id = k.user_id join memberships m on m.tenant_id = k.tenant_id and m.user_id = k.user_id
      join tenants t on t.tenant_id = k.tenant_id
   where (k.key_hash = hash or (k.old_hash = hash and k.old_until > clock_timestamp()))
     and k.revoked_at is null and (k.expires_at is null or k.expires_at > clock_timestamp()) and u.is_active;
  if not found then return; end if;
  if held.suspended_at is not null then perform app.refuse_suspended(); end if;
  perform set_config('app.tenant', held.tenant_id::text, true);
  perform set_config('app.user', held.user_id::text, true);
  if held.last_used_at is null or held.last_used_at < clock_timestamp() - interval '1 minute' then
    -- A busy key is not worth waiting for: whoever holds the row writes the same minute.
    update api_keys k set last_used_at = clock_timestamp() where (k.tenant_id, k.key_id) in
      (select l.tenant_id, l.key_id from api_keys l where l.tenant_id = held.tenant_id and l.key_id = held.key_id for update skip locked);
  end if;
  return query select held.tenant_id, held.user_id, held.key_id, held.scopes, held.role;
end$body$;

create or replace function app.enter_member(wanted uuid, member uuid) returns table (role text) language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  if exists(select from tenants t where t.tenant_id = wanted and t.suspended_at is not null) then perform app.refuse_suspended(); end if;
  perform set_config('app.tenant', wanted::text, true);
  return query select m.role from memberships m join users u on u.user_id = m.user_id
    where m.tenant_id = wanted and m.user_id = member and u.is_active;
  if found then perform set_config('app.user', member::text, true); end if;
end$body$;


create or replace function app.enter_session(wanted_session uuid, secret bytea, wanted uuid)
  returns table (tenant_id uuid, user_id uuid, session_id uuid, role text, impersonator uuid, second_factor_at timestamptz, is_platform_admin boolean)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare held record;
begin
  select s.session_id, s.user_id, coalesce(wanted, s.tenant_id) as tenant_id, m.role, s.impersonator, s.second_factor_at,
      u.is_platform_admin and s.kind <> 'impersonation' as is_platform_admin, s.used_at, t.suspended_at
    into held
    from sessions s join users u on u.user_id = s.user_id join memberships m on m.user_id = s.user_id and m.tenant_id = coalesce(wanted, s.tenant_id)
      join tenants t on t.tenant_id = m.tenant_id
   where (s.session_id = wanted_session or (wanted_session is null and s.secret_hash = secret))
     and s.ended_at is null and s.expires_at > clock_timestamp() and s.ends_at > clock_timestamp() and u.is_active
     -- Who acts as somebody does so in one workspace, and only as long as they are an administrator themselves.
     and (s.kind <> 'impersonation' or (m.tenant_id = s.tenant_id and exists (select from users a
       where a.user_id = s.impersonator and a.is_active and a.is_platform_admin)));
  if not found then return; end if;
  if held.suspended_at is not null then perform app.refuse_suspended(); end if;
  perform set_config('app.tenant', held.tenant_id::text, true);
  perform set_config('app.user', held.user_id::text, true);
  if held.used_at < clock_timestamp() - interval '1 minute' then
    -- A cookie's session is good for another week from now on; a token's is prolonged by its refresh.
    update sessions s set used_at = clock_timestamp(),
        expires_at = case when s.kind = 'cookie' then least(clock_timestamp() + interval '7 days', s.ends_at) else s.expires_at end
      where s.session_id in (select l.session_id from sessions l where l.session_id = held.session_id for update skip locked);
  end if;
  return query select held.tenant_id, held.user_id, held.session_id, held.role, held.impersonator, held.second_factor_at, held.is_platform_admin;
end$body$;

-- Whether this transaction was entered by a live session of an administrator, and never in somebody else's name.
create function app.is_admin() returns boolean
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  return exists (select from sessions s join users u on u.user_id = s.user_id
    where s.session_id = nullif(current_setting('app.admin_session', true), '')::uuid and s.kind <> 'impersonation' and s.ended_at is null and s.expires_at > clock_timestamp() and s.ends_at > clock_timestamp()
      and u.is_active and u.is_platform_admin);
end$body$;
revoke all on function app.is_admin() from public;
grant execute on function app.is_admin() to whyral_app;
alter function app.is_admin() owner to whyral_definer;

create function app.must_be_admin() returns void
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  if not app.is_admin() then
    raise insufficient_privilege using message = 'only for administrators of the platform';
  end if;
end$body$;
revoke all on function app.must_be_admin() from public;
alter function app.must_be_admin() owner to whyral_definer;

-- A transaction of an administrator. It enters no workspace.
create function app.enter_admin(wanted_session uuid, secret bytea, factor text) returns table (user_id uuid, session_id uuid, outcome text)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
declare held record;
begin
  select s.session_id, s.user_id, s.second_factor_at, u.totp_confirmed_at, u.is_platform_admin and s.kind <> 'impersonation' as is_admin into held
    from sessions s join users u on u.user_id = s.user_id
   where (s.session_id = wanted_session or (wanted_session is null and s.secret_hash = secret)) and s.ended_at is null and s.expires_at > clock_timestamp() and s.ends_at > clock_timestamp() and u.is_active;
  if not found then return; end if;
  if not held.is_admin then return query select held.user_id, held.session_id, 'refused'; return; end if;
  if held.second_factor_at is null and (factor = 'always' or (factor = 'when_set' and held.totp_confirmed_at is not null)) then
    return query select held.user_id, held.session_id, 'factor'; return;
  end if;
  perform set_config('app.admin_session', held.session_id::text, true);
  perform set_config('app.user', held.user_id::text, true);
  return query select held.user_id, held.session_id, 'entered';
end$body$;
revoke all on function app.enter_admin(uuid, bytea, text) from public;
grant execute on function app.enter_admin(uuid, bytea, text) to whyral_app;
alter function app.enter_admin(uuid, bytea, text) owner to whyral_definer;

-- Only who runs the deployment makes an administrator: the role of the API may not call it.
create function app.set_platform_admin(address text, wanted boolean, new_entry uuid) returns uuid
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
declare held record;
begin
  select u.user_id, u.is_platform_admin into held from users u where lower(u.email) = lower(address) for update;
  if not found then return null; end if;
  if held.is_platform_admin <> wanted then
    update users set is_platform_admin = wanted, updated_at = clock_timestamp() where user_id = held.user_id;
    insert into audit_log (tenant_id, entry_id, action, subject, details) values ('00000000-0000-0000-0000-000000000000', new_entry,
      case when wanted then 'admin.granted' else 'admin.revoked' end, held.user_id::text,
      jsonb_build_object('before', jsonb_build_object('is_platform_admin', not wanted), 'after', jsonb_build_object('is_platform_admin', wanted)));
  end if;
  return held.user_id;
end$body$;
revoke all on function app.set_platform_admin(text, boolean, uuid) from public;
grant execute on function app.set_platform_admin(text, boolean, uuid) to whyral_system;
alter function app.set_platform_admin(text, boolean, uuid) owner to whyral_definer;

create function app.admin_users(wanted text, only_user uuid, before_at timestamptz, last uuid, most integer) returns table (user_id uuid, email text, full_name text, is_active boolean, is_verified boolean, is_platform_admin boolean, has_second_factor boolean, created_at timestamptz, deactivated_at timestamptz, last_seen_at timestamptz, workspaces bigint)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  perform app.must_be_admin();
  return query select u.user_id, u.email, u.full_name, u.is_active, u.is_verified, u.is_platform_admin, u.totp_confirmed_at is not null, u.created_at,
      u.deactivated_at, (select max(s.used_at) from sessions s where s.user_id = u.user_id and s.kind <> 'impersonation'),
      (select count(*) from memberships m where m.user_id = u.user_id)
    from users u where (only_user is null or u.user_id = only_user)
      and (wanted is null or position(lower(wanted) in lower(u.email)) > 0 or position(lower(wanted) in lower(coalesce(u.full_name, ''))) > 0)
      and (before_at is null or (u.created_at, u.user_id) < (before_at, last)) order by u.created_at desc, u.user_id desc limit least(most, 101);
end$body$;
revoke all on function app.admin_users(text, uuid, timestamptz, uuid, integer) from public;
grant execute on function app.admin_users(text, uuid, timestamptz, uuid, integer) to whyral_app;
alter function app.admin_users(text, uuid, timestamptz, uuid, integer) owner to whyral_definer;

create function app.admin_members(of_user uuid, of_tenant uuid) returns table (user_id uuid, email text, tenant_id uuid, workspace text, role text, joined_at timestamptz)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  perform app.must_be_admin();
  return query select u.user_id, u.email, t.tenant_id, t.name, m.role, m.created_at
    from memberships m join users u on u.user_id = m.user_id join tenants t on t.tenant_id = m.tenant_id
    where (m.user_id = of_user or m.tenant_id = of_tenant) order by m.created_at, m.tenant_id, m.user_id limit 1000;
end$body$;
revoke all on function app.admin_members(uuid, uuid) from public;
grant execute on function app.admin_members(uuid, uuid) to whyral_app;
alter function app.admin_members(uuid, uuid) owner to whyral_definer;

create function app.admin_set_active(member uuid, wanted boolean) returns boolean
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
declare was boolean;
begin
  perform app.must_be_admin();
  select u.is_active into was from users u where u.user_id = member for update;
  if not found then return null; end if;
  update users set is_active = wanted, deactivated_at = case when wanted then null else coalesce(deactivated_at, clock_timestamp()) end,
    updated_at = clock_timestamp() where user_id = member;
  return was;
end$body$;
revoke all on function app.admin_set_active(uuid, boolean) from public;
grant execute on function app.admin_set_active(uuid, boolean) to whyral_app;
alter function app.admin_set_active(uuid, boolean) owner to whyral_definer;

create function app.admin_end_sessions(member uuid, because text) returns integer
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
declare done integer;
begin
  perform app.must_be_admin();
  update sessions set ended_at = clock_timestamp(), end_reason = because where user_id = member and ended_at is null;
  get diagnostics done = row_count;
  return done;
end$body$;
revoke all on function app.admin_end_sessions(uuid, text) from public;
grant execute on function app.admin_end_sessions(uuid, text) to whyral_app;
alter function app.admin_end_sessions(uuid, text) owner to whyral_definer;

create function app.admin_sessions(of_user uuid) returns table (session_id uuid, kind text, tenant_id uuid, created_at timestamptz, used_at timestamptz, ends_at timestamptz, ended_at timestamptz, end_reason text, has_second_factor boolean, impersonator uuid, address text, user_agent text)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  perform app.must_be_admin();
  return query select s.session_id, s.kind, s.tenant_id, s.created_at, s.used_at, s.ends_at, s.ended_at, s.end_reason, s.second_factor_at is not null,
      s.impersonator, s.address, s.user_agent
    from sessions s where s.user_id = of_user order by s.created_at desc limit 100;
end$body$;
revoke all on function app.admin_sessions(uuid) from public;
grant execute on function app.admin_sessions(uuid) to whyral_app;
alter function app.admin_sessions(uuid) owner to whyral_definer;

create function app.admin_tenants(wanted text, only_tenant uuid, before_at timestamptz, last uuid, most integer) returns table (tenant_id uuid, workspace text, is_demo boolean, created_at timestamptz, suspended_at timestamptz, suspension_reason text, plan text, status text, owner_id uuid, owner_email text, members bigint)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  perform app.must_be_admin();
  return query select t.tenant_id, t.name, t.is_demo, t.created_at, t.suspended_at, t.suspension_reason, s.plan, s.status, o.user_id, o.email,
      (select count(*) from memberships m where m.tenant_id = t.tenant_id)
    from tenants t left join subscriptions s on s.tenant_id = t.tenant_id
    left join lateral (select u.user_id, u.email from memberships m join users u on u.user_id = m.user_id
      where m.tenant_id = t.tenant_id and m.role = 'owner' order by m.created_at limit 1) o on true
    where (only_tenant is null or t.tenant_id = only_tenant)
      and (wanted is null or position(lower(wanted) in lower(t.name)) > 0 or position(lower(wanted) in lower(coalesce(o.email, ''))) > 0)
      and (before_at is null or (t.created_at, t.tenant_id) < (before_at, last)) order by t.created_at desc, t.tenant_id desc limit least(most, 101);
end$body$;
revoke all on function app.admin_tenants(text, uuid, timestamptz, uuid, integer) from public;
grant execute on function app.admin_tenants(text, uuid, timestamptz, uuid, integer) to whyral_app;
alter function app.admin_tenants(text, uuid, timestamptz, uuid, integer) owner to whyral_definer;

create function app.admin_audit(of_tenant uuid, of_action text, before_at timestamptz, last uuid, most integer) returns table (tenant_id uuid, entry_id uuid, happened_at timestamptz, actor uuid, action text, subject text, details jsonb, request_id text)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  perform app.must_be_admin();
  return query select a.tenant_id, a.entry_id, a.at, a.actor, a.action, a.subject, a.details, a.request_id from audit_log a
    where (of_tenant is null or a.tenant_id = of_tenant) and (of_action is null or a.action = of_action)
      and (before_at is null or (a.at, a.entry_id) < (before_at, last)) order by a.at desc, a.entry_id desc limit least(most, 101);
end$body$;
revoke all on function app.admin_audit(uuid, text, timestamptz, uuid, integer) from public;
grant execute on function app.admin_audit(uuid, text, timestamptz, uuid, integer) to whyral_app;
alter function app.admin_audit(uuid, text, timestamptz, uuid, integer) owner to whyral_definer;

create function app.admin_auth_log(of_user uuid, of_kind text, before_at timestamptz, last uuid, most integer) returns table (event_id uuid, happened_at timestamptz, kind text, is_success boolean, user_id uuid, address text, user_agent text, reason text, request_id text)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  perform app.must_be_admin();
  return query select e.event_id, e.at, e.kind, e.is_success, e.user_id, e.address, e.user_agent, e.reason, e.request_id from auth_events e
    where (of_user is null or e.user_id = of_user) and (of_kind is null or e.kind = of_kind)
      and (before_at is null or (e.at, e.event_id) < (before_at, last)) order by e.at desc, e.event_id desc limit least(most, 101);
end$body$;
revoke all on function app.admin_auth_log(uuid, text, timestamptz, uuid, integer) from public;
grant execute on function app.admin_auth_log(uuid, text, timestamptz, uuid, integer) to whyral_app;
alter function app.admin_auth_log(uuid, text, timestamptz, uuid, integer) owner to whyral_definer;

create function app.admin_calls(by_what text, since timestamptz, until timestamptz) returns table (name text, calls bigint, failures bigint, units numeric, priced bigint, cost_usd numeric)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  perform app.must_be_admin();
  return query select case by_what when 'day' then (c.started_at at time zone 'UTC')::date::text when 'provider' then c.source else c.tenant_id::text end,
      count(*), count(*) filter (where c.outcome <> 'ok'), sum(c.units), count(c.cost_usd), coalesce(sum(c.cost_usd), 0)
    from external_calls c where c.started_at >= since and c.started_at < until group by 1 order by 6 desc, 2 desc, 1 limit 1000;
end$body$;
revoke all on function app.admin_calls(text, timestamptz, timestamptz) from public;
grant execute on function app.admin_calls(text, timestamptz, timestamptz) to whyral_app;
alter function app.admin_calls(text, timestamptz, timestamptz) owner to whyral_definer;

create function app.admin_spending(by_what text, since date, until date) returns table (name text, days bigint, reserved_usd numeric, spent_usd numeric)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  perform app.must_be_admin();
  return query select case by_what when 'day' then d.day::text else d.tenant_id::text end, count(*), sum(d.reserved_usd), sum(d.spent_usd)
    from ledger_days d where d.day >= since and d.day < until group by 1 order by 4 desc, 1 limit 1000;
end$body$;
revoke all on function app.admin_spending(text, date, date) from public;
grant execute on function app.admin_spending(text, date, date) to whyral_app;
alter function app.admin_spending(text, date, date) owner to whyral_definer;

create function app.admin_usage(by_what text, since date, until date) returns table (name text, meter text, period_start date, tenants bigint, used numeric)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  perform app.must_be_admin();
  return query select case by_what when 'tenant' then u.tenant_id::text else u.period_start::text end, u.meter, min(u.period_start),
      count(distinct u.tenant_id), sum(u.used)
    from usage_counters u where u.period_start >= since and u.period_start < until group by 1, 2 order by 5 desc, 1, 2 limit 1000;
end$body$;
revoke all on function app.admin_usage(text, date, date) from public;
grant execute on function app.admin_usage(text, date, date) to whyral_app;
alter function app.admin_usage(text, date, date) owner to whyral_definer;

create function app.admin_quotas() returns table (project text, bucket text, resets_at timestamptz, used bigint)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  perform app.must_be_admin();
  return query select q.project, q.bucket, q.resets_at, q.used from quota_days q order by q.resets_at desc, q.project, q.bucket limit 100;
end$body$;
revoke all on function app.admin_quotas() from public;
grant execute on function app.admin_quotas() to whyral_app;
alter function app.admin_quotas() owner to whyral_definer;

create function app.admin_counts() returns table (name text, n bigint, oldest_at timestamptz)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  perform app.must_be_admin();
  return query select 'users', count(*), null::timestamptz from users union all select 'workspaces', count(*), null from tenants
    union all select 'workspaces_suspended', count(*), min(t.suspended_at) from tenants t where t.suspended_at is not null
    union all select 'sessions_live', count(*), null from sessions s where s.ended_at is null and s.expires_at > clock_timestamp() and s.ends_at > clock_timestamp()
    union all select 'requests_' || r.state, count(*), min(r.created_at) from requests r where r.state in ('pending', 'launched', 'running', 'failed') group by r.state
    union all select 'mails_' || o.state, count(*), min(o.created_at) from outbox o where o.state <> 'sent' group by o.state
    union all select 'reservations_unknown', count(*), min(v.created_at) from reservations v where v.state = 'unknown'
    union all select 'feedback_open', count(*), min(f.created_at) from feedback f where f.done_at is null;
end$body$;
revoke all on function app.admin_counts() from public;
grant execute on function app.admin_counts() to whyral_app;
alter function app.admin_counts() owner to whyral_definer;

create function app.admin_dead_letters(of_kind text, before_at timestamptz, last text, most integer) returns table (kind text, tenant_id uuid, id text, failed_at timestamptz, subject text, attempts integer, reason text)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  perform app.must_be_admin();
  return query select * from (
      select 'mail', o.tenant_id, o.message_id::text, o.created_at, o.subject, o.attempts, o.error from outbox o where o.state = 'failed'
      union all select 'request', r.tenant_id, r.request_id::text, coalesce(r.finished_at, r.created_at), r.kind, r.attempt, r.error ->> 'detail'
        from requests r where r.state = 'failed'
      union all select 'reservation', v.tenant_id, v.operation, coalesce(v.ended_at, v.created_at), v.subject, 1,
        'nobody knows whether it was charged: ' || v.reserved_usd || ' USD are reserved' from reservations v where v.state = 'unknown'
    ) d (kind, tenant_id, id, failed_at, subject, attempts, reason)
    where (of_kind is null or d.kind = of_kind) and (before_at is null or (d.failed_at, d.id) < (before_at, last)) order by d.failed_at desc, d.id desc limit least(most, 101);
end$body$;
revoke all on function app.admin_dead_letters(text, timestamptz, text, integer) from public;
grant execute on function app.admin_dead_letters(text, timestamptz, text, integer) to whyral_app;
alter function app.admin_dead_letters(text, timestamptz, text, integer) owner to whyral_definer;

create function app.admin_feedback(is_open boolean, before_at timestamptz, last uuid, most integer) returns table (feedback_id uuid, tenant_id uuid, workspace text, user_id uuid, category text, message text, rating integer, created_at timestamptz, done_at timestamptz, done_by uuid)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  perform app.must_be_admin();
  return query select f.feedback_id, f.tenant_id, t.name, f.user_id, f.category, f.message, f.rating, f.created_at, f.done_at, f.done_by
    from feedback f join tenants t on t.tenant_id = f.tenant_id where (is_open is null or (f.done_at is null) = is_open)
      and (before_at is null or (f.created_at, f.feedback_id) < (before_at, last)) order by f.created_at desc, f.feedback_id desc limit least(most, 101);
end$body$;
revoke all on function app.admin_feedback(boolean, timestamptz, uuid, integer) from public;
grant execute on function app.admin_feedback(boolean, timestamptz, uuid, integer) to whyral_app;
alter function app.admin_feedback(boolean, timestamptz, uuid, integer) owner to whyral_definer;

create function app.admin_impersonate(new_session uuid, member uuid, workspace uuid, because text, life interval) returns text
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
declare held record;
begin
  perform app.must_be_admin();
  select u.is_active, u.is_platform_admin, exists(select from memberships m where m.user_id = member and m.tenant_id = workspace) as is_member into held
    from users u where u.user_id = member;
  if not found or not held.is_member then return 'missing'; end if;
  if held.is_platform_admin then return 'admin'; end if;
  if not held.is_active then return 'inactive'; end if;
  insert into sessions (session_id, user_id, tenant_id, kind, expires_at, ends_at, impersonator, reason)
    values (new_session, member, workspace, 'impersonation', clock_timestamp() + life, clock_timestamp() + life,
      nullif(current_setting('app.user', true), '')::uuid, because);
  return 'opened';
end$body$;
revoke all on function app.admin_impersonate(uuid, uuid, uuid, text, interval) from public;
grant execute on function app.admin_impersonate(uuid, uuid, uuid, text, interval) to whyral_app;
alter function app.admin_impersonate(uuid, uuid, uuid, text, interval) owner to whyral_definer;

create function app.admin_impersonations(only_session uuid, before_at timestamptz, last uuid, most integer) returns table (session_id uuid, impersonator uuid, user_id uuid, email text, tenant_id uuid, reason text, created_at timestamptz, ends_at timestamptz, ended_at timestamptz)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  perform app.must_be_admin();
  return query select s.session_id, s.impersonator, s.user_id, u.email, s.tenant_id, s.reason, s.created_at, s.ends_at, s.ended_at
    from sessions s join users u on u.user_id = s.user_id where s.kind = 'impersonation' and (only_session is null or s.session_id = only_session)
      and (before_at is null or (s.created_at, s.session_id) < (before_at, last)) order by s.created_at desc, s.session_id desc limit least(most, 101);
end$body$;
revoke all on function app.admin_impersonations(uuid, timestamptz, uuid, integer) from public;
grant execute on function app.admin_impersonations(uuid, timestamptz, uuid, integer) to whyral_app;
alter function app.admin_impersonations(uuid, timestamptz, uuid, integer) owner to whyral_definer;

create function app.admin_switches() returns table (name text, description text, is_on boolean, updated_at timestamptz, overrides bigint)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  perform app.must_be_admin();
  return query select w.name, w.description, w.is_on, w.updated_at, (select count(*) from switch_overrides o where o.name = w.name
      and (o.expires_at is null or o.expires_at > clock_timestamp())) from switches w order by w.name;
end$body$;
revoke all on function app.admin_switches() from public;
grant execute on function app.admin_switches() to whyral_app;
alter function app.admin_switches() owner to whyral_definer;

create function app.admin_put_switch(wanted text, words text, turned_on boolean) returns boolean
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
declare was boolean;
begin
  perform app.must_be_admin();
  select w.is_on into was from switches w where w.name = wanted for update;
  insert into switches (name, description, is_on) values (wanted, words, turned_on)
    on conflict (name) do update set description = excluded.description, is_on = excluded.is_on, updated_at = clock_timestamp();
  return was;
end$body$;
revoke all on function app.admin_put_switch(text, text, boolean) from public;
grant execute on function app.admin_put_switch(text, text, boolean) to whyral_app;
alter function app.admin_put_switch(text, text, boolean) owner to whyral_definer;

-- What is on for the workspace of this transaction.
create function app.switches() returns table (name text, is_on boolean)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  return query select w.name, coalesce(o.is_on, w.is_on) from switches w left join switch_overrides o
      on o.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid and o.name = w.name and (o.expires_at is null or o.expires_at > clock_timestamp())
    order by w.name;
end$body$;
revoke all on function app.switches() from public;
grant execute on function app.switches() to whyral_app;
alter function app.switches() owner to whyral_definer;

revoke create on schema app from whyral_definer;
