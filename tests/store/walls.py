"""What the catalogue of a database must not show: every hole in the walls between tenants, as a sentence. The claims are in the tests."""

from collections.abc import Iterator

import sqlalchemy as sa

from store.rls import (
    ADMIN_FUNCTIONS,
    APP,
    APPEND_ONLY,
    CROSS_TENANT_FUNCTIONS,
    DEFINER,
    DEFINER_TABLES,
    NEVER_DELETED,
    OWNER,
    PLATFORM_TABLES,
    SCRUBBED,
    SYSTEM,
    SYSTEM_TABLES,
)

# Alembic's own: one row with the revision, which only the owner reads.
BOOKKEEPING = "alembic_version"
_MINE = "(tenant_id = (NULLIF(current_setting('app.tenant'::text, true), ''::text))::uuid)"

_TABLES = """
select c.relname as name, c.relkind::text as kind, c.relrowsecurity as is_enabled, c.relforcerowsecurity as is_forced,
  pg_get_userbyid(c.relowner) as owner, c.relispartition as is_partition,
  coalesce(c.reloptions @> array['security_invoker=true'], false) as is_invoker
  from pg_class c where c.relnamespace in ('public'::regnamespace, 'app'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
   and c.relname <> :bookkeeping order by 1"""
_POLICIES = """
select tablename as name, policyname, roles::text[] as roles, qual, with_check from pg_policies
 where schemaname in ('public', 'app') order by 1, 2"""
_INDEXES = """
select t.relname as name, i.relname as index,
  (select attname from pg_attribute a where a.attrelid = t.oid and a.attnum = x.indkey[0]) as first
  from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
 where t.relnamespace in ('public'::regnamespace, 'app'::regnamespace) and x.indisunique and t.relname <> :bookkeeping"""
# Of tables and of single columns.
_GRANTS = """
select c.relname as name, c.relispartition as is_partition, a.privilege_type as verb, a.attname as column,
  case a.grantee when 0 then 'public' else pg_get_userbyid(a.grantee) end as role
  from pg_class c left join pg_attribute t on t.attrelid = c.oid and t.attacl is not null
  cross join lateral (select acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner) as plain) d
  cross join lateral (
    select null::name as attname, x.* from aclexplode(coalesce(c.relacl, d.plain)) x
    union all select t.attname, y.* from aclexplode(t.attacl) y) a
 where c.relnamespace in ('public'::regnamespace, 'app'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
   and a.grantee <> c.relowner"""
_FUNCTIONS = """
select p.proname as name, p.prosecdef as is_definer, pg_get_userbyid(p.proowner) as owner, p.prosrc as source,
  coalesce(p.proconfig::text[], '{}') as settings,
  exists(select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = 0) as is_public
  from pg_proc p where p.pronamespace in ('app'::regnamespace, 'public'::regnamespace)"""
_ROLES = """
select rolname as name, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication as is_powerful, rolcanlogin as can_login,
  (select array_agg(pg_get_userbyid(m.roleid)::text) from pg_auth_members m where m.member = r.oid) as member_of,
  exists(select from pg_class c where c.relowner = r.oid) as owns_tables,
  has_schema_privilege(r.oid, 'app', 'create') or has_schema_privilege(r.oid, 'public', 'create') as may_create
  from pg_roles r where rolname in (:app, :system, :definer)"""

# What a provider holds is one workspace's, whatever another says: its ids cannot be guessed.
ONE_WORKSPACE = {"uq_billing_customers_provider_customer_id", "uq_billing_subscriptions_provider_subscription_id"}


def holes(connection: sa.Connection) -> list[str]:
    """Every hole, over every table, partition, view, index, grant, function and role."""
    checks = (_relations, _policies, _indexes, _grants, _functions, _roles)
    return [hole for check in checks for hole in check(connection)]


def _read(connection: sa.Connection, statement: str) -> list[sa.Row[tuple[object, ...]]]:
    words = {"bookkeeping": BOOKKEEPING, "app": APP, "system": SYSTEM, "definer": DEFINER}
    text = sa.text(statement)
    return list(connection.execute(text, {name: word for name, word in words.items() if name in text._bindparams}))


def _relations(connection: sa.Connection) -> Iterator[str]:
    guarded = {row.name for row in _read(connection, _POLICIES) if row.policyname == "tenant"}
    for row in _read(connection, _TABLES):
        if row.owner != OWNER:
            yield f"{row.name} is owned by {row.owner}"
        if row.kind == "v":
            if not row.is_invoker:
                yield f"view {row.name} is not security_invoker"
        elif row.kind not in "rp":
            yield f"{row.name} is of a kind ({row.kind}) that row-level security does not reach"
        elif not (row.is_enabled and row.is_forced):
            yield f"table {row.name} does not force row-level security"
        elif not row.is_partition and row.name not in PLATFORM_TABLES and row.name not in guarded:
            yield f"table {row.name} has no tenant policy"


def _policies(connection: sa.Connection) -> Iterator[str]:
    allowed = (
        {(name, SYSTEM) for name in SYSTEM_TABLES}
        | {(name, DEFINER) for name in DEFINER_TABLES}
        | {("plans", OWNER), ("deployment_caps", OWNER)}
    )
    for row in _read(connection, _POLICIES):
        if (row.name, row.policyname, row.with_check) == ("plans", "readable", None):
            continue
        for role in row.roles:
            if role == APP and row.name not in PLATFORM_TABLES and row.qual == row.with_check == _MINE:
                continue
            if (row.name, role) not in allowed:
                yield f"policy {row.policyname} on {row.name} lets {role} pass"


def _indexes(connection: sa.Connection) -> Iterator[str]:
    for row in _read(connection, _INDEXES):
        if row.name not in PLATFORM_TABLES and row.first != "tenant_id" and row.index not in ONE_WORKSPACE:
            yield f"unique index {row.index} on {row.name} does not begin with tenant_id"


def _grants(connection: sa.Connection) -> Iterator[str]:
    reached = {SYSTEM: SYSTEM_TABLES, DEFINER: DEFINER_TABLES}
    for row in _read(connection, _GRANTS):
        verbs = {"SELECT", "INSERT", "UPDATE", "DELETE"}
        may_scrub = row.role == DEFINER and row.column in SCRUBBED.get(row.name, ())
        verbs -= {"UPDATE"} if row.name in APPEND_ONLY and not may_scrub else set()
        verbs -= {"DELETE"} if row.name in NEVER_DELETED else set()
        if row.name == "plans":
            verbs, is_reached = {"SELECT"}, row.role in {APP, SYSTEM, DEFINER}
        else:
            is_reached = row.name not in PLATFORM_TABLES if row.role == APP else row.name in reached.get(row.role, ())
        if row.is_partition or not is_reached or row.verb not in verbs:
            yield f"{row.role} may {row.verb} on {row.name}"


def _functions(connection: sa.Connection) -> Iterator[str]:
    for row in _read(connection, _FUNCTIONS):
        if row.is_public:
            yield f"function {row.name} may be called by everybody"
        if not row.is_definer:
            continue
        if not any(setting.startswith("search_path=") and setting.endswith("pg_temp") for setting in row.settings):
            yield f"function {row.name} has no fixed search_path that ends in pg_temp"
        if row.name not in CROSS_TENANT_FUNCTIONS and "tenant_id = nullif(current_setting('app.tenant', true), '')::uuid" not in row.source:
            yield f"function {row.name} does not fix its tenant"
        if row.name in ADMIN_FUNCTIONS and "perform app.must_be_admin();" not in row.source:
            yield f"function {row.name} does not ask for an administrator"
        if row.owner != DEFINER and row.name != "ensure_month":
            yield f"function {row.name} runs as {row.owner}"


def _roles(connection: sa.Connection) -> Iterator[str]:
    for row in _read(connection, _ROLES):
        if row.is_powerful:
            yield f"role {row.name} is powerful"
        if row.owns_tables:
            yield f"role {row.name} owns tables"
        if row.may_create:
            yield f"role {row.name} may create in a schema"
        if row.member_of:
            yield f"role {row.name} is a member of {row.member_of}"
        if row.can_login and row.name == DEFINER:
            yield f"role {row.name} may log in"
