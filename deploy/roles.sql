-- Roles and databases of Whyral in a PostgreSQL of your own (15 or later): the same as `store/bootstrap.py` makes.
-- Run it once, with psql, as somebody who may create roles and databases. Whyral itself never connects as that somebody.
--
--   psql -v owner=... -v app=... -v system=... -v dagster=... -f deploy/roles.sql postgres
--
-- The four variables are the passwords. Tables, policies and grants are not here: the migrations make them, as whyral_owner.
-- It can be run again: passwords are set anew, what exists stays.

\set ON_ERROR_STOP on

-- Four roles that log in; none of them passes row-level security or may make others.
select format('create role %I', role) from unnest(array['whyral_owner', 'whyral_app', 'whyral_system', 'whyral_dagster']) as role
 where role not in (select rolname from pg_roles) \gexec
alter role whyral_owner login nocreaterole nocreatedb password :'owner';
alter role whyral_app login nocreaterole nocreatedb password :'app';
alter role whyral_system login nocreaterole nocreatedb password :'system';
alter role whyral_dagster login nocreaterole nocreatedb password :'dagster';
select format('alter role %I nosuperuser nobypassrls', role) from unnest(array['whyral_owner', 'whyral_app', 'whyral_system', 'whyral_dagster']) as role
 where (select rolsuper from pg_roles where rolname = current_user) \gexec

-- One that nobody logs in as: it owns the few functions that look before a tenant is known.
select 'create role whyral_definer nologin' where 'whyral_definer' not in (select rolname from pg_roles) \gexec
grant whyral_definer to whyral_owner;

-- A managed server's administrator is no superuser: to hand a database to a role, it must be a member of it.
select format('grant whyral_owner, whyral_dagster to %I', current_user)
 where not (select rolsuper from pg_roles where rolname = current_user) \gexec

select 'create database whyral owner whyral_owner' where not exists (select from pg_database where datname = 'whyral') \gexec
revoke all on database whyral from public;
grant connect, temporary on database whyral to whyral_owner, whyral_app, whyral_system;

select 'create database whyral_dagster owner whyral_dagster' where not exists (select from pg_database where datname = 'whyral_dagster') \gexec
revoke all on database whyral_dagster from public;
grant connect, temporary on database whyral_dagster to whyral_dagster;
