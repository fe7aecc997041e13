-- Exports of workspaces, deletions that were asked for, and what is left of workspaces that were erased.

CREATE TABLE exports (
  tenant_id UUID NOT NULL,
  export_id UUID NOT NULL,
  request_id UUID NOT NULL,
  asked_by UUID,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  as_of TIMESTAMP WITH TIME ZONE,
  made_at TIMESTAMP WITH TIME ZONE,
  expires_at TIMESTAMP WITH TIME ZONE,
  file_key TEXT,
  sha256 TEXT,
  size_bytes BIGINT,
  rows JSONB,
  files INTEGER,
  CONSTRAINT pk_exports PRIMARY KEY (tenant_id, export_id),
  CONSTRAINT ck_exports_file_whole CHECK (file_key is null or (sha256 is not null and expires_at is not null)),
  CONSTRAINT ck_exports_size_bytes_not_negative CHECK (size_bytes >= 0),
  CONSTRAINT fk_exports_requests FOREIGN KEY (tenant_id, request_id) REFERENCES requests (tenant_id, request_id) ON DELETE CASCADE
);
CREATE INDEX ix_exports_newest ON exports (tenant_id, created_at desc, export_id);
CREATE INDEX ix_exports_kept ON exports (tenant_id, expires_at) WHERE file_key is not null;

CREATE TABLE deletions (
  tenant_id UUID NOT NULL,
  asked_by UUID,
  asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
  due_at TIMESTAMP WITH TIME ZONE NOT NULL,
  not_before TIMESTAMP WITH TIME ZONE NOT NULL,
  started_at TIMESTAMP WITH TIME ZONE,
  erased_at TIMESTAMP WITH TIME ZONE,
  lease_until TIMESTAMP WITH TIME ZONE,
  attempt INTEGER DEFAULT '0' NOT NULL,
  note TEXT DEFAULT '' NOT NULL,
  CONSTRAINT pk_deletions PRIMARY KEY (tenant_id)
);
CREATE INDEX ix_deletions_due ON deletions (not_before);

CREATE TABLE tombstones (
  tenant_hash TEXT NOT NULL,
  erased_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_tombstones PRIMARY KEY (tenant_hash),
  CONSTRAINT ck_tombstones_hash_whole CHECK (tenant_hash ~ '^[0-9a-f]{64}$')
);

alter table exports enable row level security;
alter table exports force row level security;
revoke all on exports from public;
create policy tenant on exports to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on exports to whyral_app;

alter table deletions enable row level security;
alter table deletions force row level security;
revoke all on deletions from public;
create policy tenant on deletions to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on deletions to whyral_app;
create policy system on deletions to whyral_system using (true) with check (true);
grant select, insert, update, delete on deletions to whyral_system;

alter table tombstones enable row level security;
alter table tombstones force row level security;
revoke all on tombstones from public;
create policy system on tombstones to whyral_system using (true) with check (true);
grant select, insert, update, delete on tombstones to whyral_system;

-- Erasure takes words out of the trail, whose rows stay.
create policy definer on audit_log to whyral_definer using (true) with check (true);
grant select, insert on audit_log to whyral_definer;
grant update (subject, details, request_id) on audit_log to whyral_definer;

grant create on schema app to whyral_definer;

-- A member's own words, for the export of their workspace.
create function app.member_details() returns table (user_id uuid, email text, full_name text, is_active boolean, is_verified boolean, role text, created_at timestamptz, joined_at timestamptz) language plpgsql stable security definer set search_path = public, pg_temp as $body$
begin
  return query select u.user_id, u.email, u.full_name, u.is_active, u.is_verified, m.role, u.created_at, m.created_at
    from memberships m join users u on u.user_id = m.user_id
    where m.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid order by m.created_at, u.user_id;
end$body$;
revoke all on function app.member_details() from public;
grant execute on function app.member_details() to whyral_app;
alter function app.member_details() owner to whyral_definer;

-- A member goes; with the last workspace goes the user. Says whether the user went.
create function app.forget_user(member uuid) returns boolean language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  delete from memberships where tenant_id = nullif(current_setting('app.tenant', true), '')::uuid and user_id = member;
  delete from users u where u.user_id = member and not exists (select from memberships m where m.user_id = member);
  return found;
end$body$;
revoke all on function app.forget_user(uuid) from public;
grant execute on function app.forget_user(uuid) to whyral_app;
alter function app.forget_user(uuid) owner to whyral_definer;

-- What stays of a workspace says nothing about anybody; consents on their way end.
create function app.scrub() returns bigint language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare scrubbed bigint;
begin
  delete from oauth_states where tenant_id = nullif(current_setting('app.tenant', true), '')::uuid;
  update audit_log set details = '{}', request_id = null,
      subject = case when subject ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then subject else '' end
    where tenant_id = nullif(current_setting('app.tenant', true), '')::uuid and (details <> '{}' or request_id is not null
      or (subject <> '' and subject !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'));
  get diagnostics scrubbed = row_count;
  return scrubbed;
end$body$;
revoke all on function app.scrub() from public;
grant execute on function app.scrub() to whyral_app;
alter function app.scrub() owner to whyral_definer;

-- The user of an address; made, without a password, where nobody has it.
create function app.adopt_user(wanted uuid, address text, person text) returns uuid language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare known uuid;
begin
  select u.user_id into known from users u where lower(u.email) = lower(address);
  if found then return known; end if;
  insert into users (user_id, email, full_name)
    values (case when exists (select from users u where u.user_id = wanted) then gen_random_uuid() else wanted end, address, person)
    returning user_id into known;
  return known;
end$body$;
revoke all on function app.adopt_user(uuid, text, text) from public;
grant execute on function app.adopt_user(uuid, text, text) to whyral_system;
alter function app.adopt_user(uuid, text, text) owner to whyral_definer;

revoke create on schema app from whyral_definer;
