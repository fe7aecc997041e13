-- Predictions that were written down before publication, and scoring models.

CREATE TABLE scoring_models (
  tenant_id UUID NOT NULL,
  model_id UUID NOT NULL,
  name TEXT NOT NULL,
  created_by UUID,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_scoring_models PRIMARY KEY (tenant_id, model_id)
);
CREATE INDEX ix_scoring_models_newest ON scoring_models (tenant_id, created_at desc, model_id);
alter table scoring_models enable row level security;
alter table scoring_models force row level security;
revoke all on scoring_models from public;
create policy tenant on scoring_models to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on scoring_models to whyral_app;

CREATE TABLE scoring_model_versions (
  tenant_id UUID NOT NULL,
  model_id UUID NOT NULL,
  version INTEGER NOT NULL,
  kind TEXT NOT NULL,
  model JSONB NOT NULL,
  validation JSONB,
  is_useful BOOLEAN,
  account_id UUID,
  features_version TEXT NOT NULL,
  data_from TIMESTAMP WITH TIME ZONE,
  data_to TIMESTAMP WITH TIME ZONE,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_scoring_model_versions PRIMARY KEY (tenant_id, model_id, version),
  CONSTRAINT fk_scoring_model_versions_scoring_models FOREIGN KEY(tenant_id, model_id) REFERENCES scoring_models (tenant_id, model_id) ON DELETE CASCADE
);
alter table scoring_model_versions enable row level security;
alter table scoring_model_versions force row level security;
revoke all on scoring_model_versions from public;
create policy tenant on scoring_model_versions to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, delete on scoring_model_versions to whyral_app;

CREATE TABLE predictions (
  tenant_id UUID NOT NULL,
  prediction_id UUID NOT NULL,
  account_id UUID NOT NULL,
  draft JSONB NOT NULL,
  figures JSONB NOT NULL,
  method TEXT NOT NULL,
  release_id UUID NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_by UUID,
  CONSTRAINT pk_predictions PRIMARY KEY (tenant_id, prediction_id)
);
CREATE INDEX ix_predictions_newest ON predictions (tenant_id, made_at desc, prediction_id);
alter table predictions enable row level security;
alter table predictions force row level security;
revoke all on predictions from public;
create policy tenant on predictions to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, delete on predictions to whyral_app;

CREATE TABLE prediction_videos (
  tenant_id UUID NOT NULL,
  prediction_id UUID NOT NULL,
  video_id UUID NOT NULL,
  attached_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_prediction_videos PRIMARY KEY (tenant_id, prediction_id),
  CONSTRAINT fk_prediction_videos_predictions FOREIGN KEY(tenant_id, prediction_id) REFERENCES predictions (tenant_id, prediction_id) ON DELETE CASCADE,
  CONSTRAINT fk_prediction_videos_videos FOREIGN KEY(tenant_id, video_id) REFERENCES videos (tenant_id, video_id) ON DELETE CASCADE
);
CREATE INDEX ix_prediction_videos_video ON prediction_videos (tenant_id, video_id);
alter table prediction_videos enable row level security;
alter table prediction_videos force row level security;
revoke all on prediction_videos from public;
create policy tenant on prediction_videos to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, delete on prediction_videos to whyral_app;

CREATE TABLE prediction_scores (
  tenant_id UUID NOT NULL,
  prediction_id UUID NOT NULL,
  horizon TEXT NOT NULL,
  views DOUBLE PRECISION,
  is_hit BOOLEAN,
  position DOUBLE PRECISION,
  pinball DOUBLE PRECISION,
  reason TEXT,
  scored_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_prediction_scores PRIMARY KEY (tenant_id, prediction_id, horizon),
  CONSTRAINT fk_prediction_scores_predictions FOREIGN KEY(tenant_id, prediction_id) REFERENCES predictions (tenant_id, prediction_id) ON DELETE CASCADE
);
alter table prediction_scores enable row level security;
alter table prediction_scores force row level security;
revoke all on prediction_scores from public;
create policy tenant on prediction_scores to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, delete on prediction_scores to whyral_app;
