{#-
    A segment that is frozen on the day its front matter names (snapshot_on): on the first
    run of that day or, when there is none, of a later one. After that its select is not
    asked any more, not even by a full refresh.

    Who was frozen is kept under the id of then in <segment>__frozen, append-only; the
    segment is a view of it under the ids of now. A row without a customer says that the day
    has been frozen, however few were in it. A new day in the front matter freezes anew.
-#}
{% materialization frozen, default %}
    {%- set snapshot_on = "cast('" ~ model.config.meta.segment.snapshot_on ~ "' as date)" -%}
    {%- set store = this.incorporate(path={'identifier': this.identifier ~ '__frozen'}) -%}
    {%- set existing = load_cached_relation(this) -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement('store') -%}
        create table if not exists {{ store }} (
            snapshot_on date not null,
            frozen_on date not null,
            customer_id bigint
        )
    {%- endcall %}
    {% call statement('freeze') -%}
        insert into {{ store }} (snapshot_on, frozen_on, customer_id)
        select {{ snapshot_on }}, {{ as_of_date() }}, frozen.customer_id
        from (
            select members.customer_id from ({{ sql }}) as members
            union all
            select null
        ) as frozen
        where
            {{ as_of_date() }} >= {{ snapshot_on }}
            and not exists (
                select 1 from {{ store }} where snapshot_on = {{ snapshot_on }}
            )
    {%- endcall %}
    {% if existing is not none and not existing.is_view %}
        {% do adapter.drop_relation(existing) %}
    {% endif %}
    {% call statement('main') -%}
        create or replace view {{ this }} as
        select distinct coalesce(aliases.customer_id, frozen.customer_id) as customer_id
        from {{ store }} as frozen
        left join {{ ref('oneid_alias') }} as aliases
            on frozen.customer_id = aliases.old_id
        where
            frozen.snapshot_on = {{ snapshot_on }}
            and frozen.customer_id is not null
            -- Nobody took over what is left of this one.
            and (aliases.old_id is null or aliases.customer_id is not null)
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}
    {{ return({'relations': [this.incorporate(type='view')]}) }}
{% endmaterialization %}
