-- roles - who may work, enqueue and read

-- name: find
-- The role as SQL writes it; whether it needs no grant, as superusers and the owner
-- of the schema; whether who asks is the owner; the owner.
select r.oid::regrole::text, r.rolsuper or r.oid = n.nspowner,
 pg_has_role(n.nspowner, 'usage'), n.nspowner::regrole::text
 from pg_roles r, pg_namespace n where r.rolname = $1 and n.nspname = 'pl';

-- name: revoke
-- %s: the role, four times.
revoke all on all tables in schema pl from %s;
revoke all on all functions in schema pl from %s;
revoke all on schema pl from %s;
delete from pl.roles where role = '%s'::regrole;

-- name: admit
insert into pl.roles (role, kind)
 select oid, $2 from pg_roles where rolname = $1;

-- name: apply
select pl.apply_roles();

-- name: list
select r.role::text, r.kind, p.rolbypassrls, pl.api_time(r.granted_at)
 from pl.roles r join pg_roles p on p.oid = r.role order by 1;
