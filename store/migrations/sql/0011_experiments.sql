-- Experiments, their arms and what was counted; tables of arms that came in as files.

CREATE TABLE experiments (
  tenant_id UUID NOT NULL,
  experiment_id UUID NOT NULL,
  source TEXT DEFAULT 'own' NOT NULL CONSTRAINT ck_experiments_source_known CHECK (source in ('own', 'reported')),
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  state TEXT DEFAULT 'planned' NOT NULL CONSTRAINT ck_experiments_state_known CHECK (state in ('planned', 'running', 'concluded', 'stopped', 'canceled')),
  plan JSONB NOT NULL,
  plan_hash TEXT NOT NULL,
  starts_on DATE,
  started_at TIMESTAMP WITH TIME ZONE,
  ended_at TIMESTAMP WITH TIME ZONE,
  created_by UUID,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_experiments PRIMARY KEY (tenant_id, experiment_id)
);
CREATE INDEX ix_experiments_newest ON experiments (tenant_id, created_at desc, experiment_id);
alter table experiments enable row level security;
alter table experiments force row level security;
revoke all on experiments from public;
create policy tenant on experiments to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on experiments to whyral_app;

CREATE TABLE experiment_counts (
  tenant_id UUID NOT NULL,
  experiment_id UUID NOT NULL,
  arm TEXT NOT NULL,
  slot INTEGER NOT NULL,
  known_at TIMESTAMP WITH TIME ZONE NOT NULL,
  impressions BIGINT CONSTRAINT ck_experiment_counts_impressions_not_negative CHECK (impressions >= 0),
  clicks BIGINT CONSTRAINT ck_experiment_counts_clicks_not_negative CHECK (clicks >= 0),
  views BIGINT CONSTRAINT ck_experiment_counts_views_not_negative CHECK (views >= 0),
  watch_seconds BIGINT CONSTRAINT ck_experiment_counts_watch_seconds_not_negative CHECK (watch_seconds >= 0),
  CONSTRAINT pk_experiment_counts PRIMARY KEY (tenant_id, experiment_id, arm, slot, known_at),
  CONSTRAINT fk_experiment_counts_experiments FOREIGN KEY(tenant_id, experiment_id) REFERENCES experiments (tenant_id, experiment_id) ON DELETE CASCADE
);
alter table experiment_counts enable row level security;
alter table experiment_counts force row level security;
revoke all on experiment_counts from public;
create policy tenant on experiment_counts to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, delete on experiment_counts to whyral_app;

CREATE TABLE experiment_units (
  tenant_id UUID NOT NULL,
  experiment_id UUID NOT NULL,
  unit TEXT NOT NULL,
  slot INTEGER NOT NULL,
  assigned_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_experiment_units PRIMARY KEY (tenant_id, experiment_id, unit),
  CONSTRAINT fk_experiment_units_experiments FOREIGN KEY(tenant_id, experiment_id) REFERENCES experiments (tenant_id, experiment_id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX uq_experiment_units_slot ON experiment_units (tenant_id, experiment_id, slot);
alter table experiment_units enable row level security;
alter table experiment_units force row level security;
revoke all on experiment_units from public;
create policy tenant on experiment_units to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, delete on experiment_units to whyral_app;

CREATE TABLE experiment_imports (
  tenant_id UUID NOT NULL,
  import_id UUID NOT NULL,
  name TEXT NOT NULL,
  is_own BOOLEAN NOT NULL,
  sha256 TEXT NOT NULL,
  columns JSONB NOT NULL,
  tests BIGINT DEFAULT '0' NOT NULL,
  arms BIGINT DEFAULT '0' NOT NULL,
  rejected BIGINT DEFAULT '0' NOT NULL,
  problems JSONB DEFAULT '[]' NOT NULL,
  pool JSONB NOT NULL,
  created_by UUID,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_experiment_imports PRIMARY KEY (tenant_id, import_id)
);
CREATE INDEX ix_experiment_imports_newest ON experiment_imports (tenant_id, created_at desc, import_id);
alter table experiment_imports enable row level security;
alter table experiment_imports force row level security;
revoke all on experiment_imports from public;
create policy tenant on experiment_imports to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on experiment_imports to whyral_app;

CREATE TABLE experiment_arms (
  tenant_id UUID NOT NULL,
  import_id UUID NOT NULL,
  test TEXT NOT NULL,
  arm INTEGER NOT NULL,
  within TEXT DEFAULT '' NOT NULL,
  title TEXT,
  impressions BIGINT NOT NULL CONSTRAINT ck_experiment_arms_impressions_not_negative CHECK (impressions >= 0),
  clicks BIGINT NOT NULL CONSTRAINT ck_experiment_arms_clicks_not_negative CHECK (clicks >= 0),
  CONSTRAINT pk_experiment_arms PRIMARY KEY (tenant_id, import_id, test, arm),
  CONSTRAINT fk_experiment_arms_experiment_imports FOREIGN KEY(tenant_id, import_id) REFERENCES experiment_imports (tenant_id, import_id) ON DELETE CASCADE
);
alter table experiment_arms enable row level security;
alter table experiment_arms force row level security;
revoke all on experiment_arms from public;
create policy tenant on experiment_arms to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on experiment_arms to whyral_app;
