-- doctor - what is wrong with the configuration of the database
--
-- Each check returns a row for each finding: warn or fail, and what it is with its
-- remedy. All is well without a row.

-- name: rights
-- Nobody but the owner needs rights that a kind of role does not have.
with me as (select current_user::regrole as role, n.nspowner::regrole as owner
   from pg_namespace n where n.nspname = 'pl'
   and not pg_has_role(n.nspowner, 'usage')),
 admitted as (select me.owner, me.role, min(o.role::text) as name, min(o.kind)
   as kind from me left join pl.roles o on pg_has_role(o.role::oid, 'usage')
   group by 1, 2),
 lacking as (select a.*, 'pl.' || quote_ident(c.relname) as relation, r.privilege
   from admitted a join pg_class c on a.kind is not null, lateral regexp_split_to_table(
    pl.privileges(a.kind, c.oid), ', ') as r(privilege)
   where c.relnamespace = 'pl'::regnamespace and c.relkind in ('r', 'p', 'v')
   and not has_table_privilege(c.oid, r.privilege))
select 'fail', 'role ' || role || ' was not admitted: ' || owner || ' runs '
 || '''pl-jobctl grant ' || role || ' --as KIND'''
 from admitted where name is null
union all
select 'fail', kind || ' ' || name || ' has no right to ' || min(privilege)
 || ' in ' || min(relation) || ' (' || count(*) || ' rights are missing): '
 || owner || ' runs ''pl-jobctl grant ' || name || ' --as ' || kind || ''''
 from lacking group by owner, name, kind;

-- name: row_security
select 'fail', format('pl.%1$I has no row-level security: ''alter table pl.%1$I'
  ' enable row level security''', c.relname)
 from pg_class c where c.relnamespace = 'pl'::regnamespace
 and c.relkind in ('r', 'p') and not c.relrowsecurity
union all
select 'warn', format('policy %1$I opens pl.%2$I to everybody: ''drop policy %1$I'
  ' on pl.%2$I'', and ''pl-jobctl grant'' for who needs it', p.polname, c.relname)
 from pg_policy p join pg_class c on c.oid = p.polrelid
 where c.relnamespace = 'pl'::regnamespace and 0 = any(p.polroles)
union all
select 'warn', format('view pl.%1$I shows rows that row-level security hides:'
  ' ''alter view pl.%1$I set (security_invoker = true)''', c.relname)
 from pg_class c where c.relnamespace = 'pl'::regnamespace and c.relkind = 'v'
 and current_setting('server_version_num')::int >= 150000
 and not coalesce('security_invoker=true' = any(c.reloptions), false);

-- name: limits
-- A batch of pl-store and a repair take some seconds.
select 'warn', name || ' is ' || current_setting(name) || ', which may end a'
 || ' statement or transaction that is at work: ''alter role ' || quote_ident(
 current_user) || ' set ' || name || ' = ''5min'''''
 from pg_settings where name in ('statement_timeout', 'transaction_timeout',
  'idle_in_transaction_session_timeout') and setting::bigint between 1 and 29999
union all
select 'warn', 'synchronous_commit is off: a crash of the server loses the last'
 || ' changes after they were reported: ''alter role ' || quote_ident(current_user)
 || ' reset synchronous_commit'''
 where current_setting('synchronous_commit') = 'off';

-- name: database
select 'fail', 'the encoding of the database is ' || current_setting(
 'server_encoding') || ': make one with encoding UTF8'
 where current_setting('server_encoding') <> 'UTF8'
union all
select 'fail', 'role ' || quote_ident(current_user) || ' may not make temporary'
 || ' tables, which pl-enqueue needs: ''grant temporary on database '
 || quote_ident(current_database()) || ' to ' || quote_ident(current_user) || ''''
 where not has_database_privilege(current_database(), 'temporary');

-- name: vectors
select 'warn', 'pgvector ' || a.default_version || ' is on the server, but not in'
 || ' this database: vectors are real[] and searched exactly: ''create extension'
 || ' vector'', then new collections use it'
 from pg_available_extensions a
 where a.name = 'vector' and a.installed_version is null
 and exists (select from pl.collections where vector_type = 'real[]')
union all
select 'warn', 'pgvector is ' || e.extversion || ', the server has '
 || a.default_version || ': ''alter extension vector update'''
 from pg_extension e join pg_available_extensions a on a.name = e.extname
 where e.extname = 'vector' and e.extversion <> a.default_version
union all
select 'fail', 'collection ' || c.name || ' has no chunk table ' || c.table_name
 || ': restore it, or ''pl-jobctl collection drop ' || c.name || ''''
 from pl.collections c where c.model is not null
 and not exists (select from pg_class t where t.relname = c.table_name
  and t.relnamespace = 'pl'::regnamespace)
 and to_regclass(c.table_name) is null;

-- name: clock
-- $1 the time here, in milliseconds.
select 'warn', 'the clock of the server is ' || round(abs(o.seconds)::numeric, 1)
 || ' s ' || case when o.seconds > 0 then 'ahead of' else 'behind' end
 || ' this machine''s: leases and due times are by the server''s clock,'
 || ' signatures of webhooks by this one: synchronize both (NTP)'
 from (select extract(epoch from clock_timestamp())::float8
  - $1::bigint / 1000.0::float8 as seconds) as o where abs(o.seconds) > 5;

-- name: searchable
-- Collections that a query can be embedded for.
select name from pl.collections where query is not null order by name;
