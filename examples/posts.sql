-- posts.sql - triggers keep the rows of a table searchable
--
--	psql "$PL_DATABASE_URL" -f examples/posts.sql
--
-- The text of a post is saved in the transaction that writes the post, and so is
-- the job that a pl-worker takes within a second. A rollback leaves nothing, and
-- nothing is lost when a program is killed. Run this as the owner of the schema pl.

create table if not exists public.posts (
	id bigint generated always as identity primary key,
	title text not null,
	body text not null,
	author text,
	published boolean not null default true
);

-- "security definer": whoever may write posts needs no rights in the schema pl.
create or replace function public.save_post() returns trigger language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
begin
	if tg_op = 'DELETE' then
		perform pl.delete_document('posts', '/posts/' || old.id);
	elsif not new.published or btrim(new.body, E' \t\r\n') = '' then
		perform pl.delete_document('posts', '/posts/' || new.id);
	else
		perform pl.save_document('posts', '/posts/' || new.id, new.body,
		    new.title, metadata => jsonb_build_object('author',
		    new.author));
	end if;
	return null;
end $$;

create or replace function public.enqueue_posts() returns trigger language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
begin
	perform pl.enqueue('posts');
	return null;
end $$;

revoke execute on function public.save_post(), public.enqueue_posts() from public;

create or replace trigger save_post after insert or update or delete on public.posts
    for each row execute function public.save_post();
-- One job for all rows of a statement. A table that many write at once does
-- without this trigger: then call "select pl.enqueue('posts')" once a minute.
create or replace trigger enqueue_posts after insert or update on public.posts
    for each statement execute function public.enqueue_posts();
