-- schema - the version of the tables and of the server

-- name: look
-- Whether the schema is there, this role may read it, and row-level security hides
-- its rows; and the role.
select c.oid is not null, c.oid is not null
  and (not has_schema_privilege(n.oid, 'usage')
   or not has_table_privilege(c.oid, 'select')),
 c.oid is not null and row_security_active(c.oid) and not exists (select
  from pg_policy p, unnest(p.polroles) as r where p.polrelid = c.oid
  and pg_has_role(r, 'usage')), quote_ident(current_user)
 from (values (1)) as one left join (pg_namespace n join pg_class c
  on c.relnamespace = n.oid and c.relname = 'schema_version')
 on n.nspname = 'pl';

-- name: version
select coalesce(max(version), 0) from pl.schema_version;

-- name: set_version
insert into pl.schema_version (version) values ($1);

-- name: lock_schema
select pg_advisory_xact_lock(7092026001);

-- name: server
select current_setting('server_version');

-- name: vector
select extversion from pg_extension where extname = 'vector';

-- name: read_only
select case when pg_is_in_recovery()
 then 'in recovery, or a standby: it takes no writes'
 else 'read-only: it takes no writes (default_transaction_read_only)' end
 where pg_is_in_recovery()
 or current_setting('transaction_read_only') = 'on';

-- name: data_folder
-- Only a superuser and members of pg_read_all_settings see the row.
select setting from pg_settings where name = 'data_directory';
