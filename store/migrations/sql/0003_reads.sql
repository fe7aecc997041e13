-- Words are found by tenant and word together: the tenant is one more word of each video's entry in the index.
drop index ix_videos_search;
create index ix_videos_search on videos using gin ((array_to_tsvector(array[tenant_id::text]) || search));

create or replace function app.search_videos(words text, most int) returns setof uuid language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare asked tsquery := websearch_to_tsquery('simple', words); mine text := nullif(current_setting('app.tenant', true), '');
begin
  if numnode(asked) = 0 then return; end if;  -- no word at all asks for nothing
  return query select v.video_id from videos v
    where (array_to_tsvector(array[v.tenant_id::text]) || v.search) @@ (asked && quote_literal(mine)::tsquery)
      and v.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid limit most;
end$body$;
