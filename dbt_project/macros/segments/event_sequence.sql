{#-
    Who did these steps in this order. Expands to one select: one row per customer and way
    through the steps (step_1_at, step_2_at ...).

    events: a CTE with customer_id, event_type, occurred_at.
    steps:  the first is {'event': E}; each later one follows the step before it:
            {'event': E}                              at any time after
            {'event': E, 'within_days': N}            at most N days after
            {'event': E, 'on_day': N}                 N whole days after (0 = within one day)
            {'event': E, 'within_days': N, 'not': true}   did NOT happen in those N days
            {'event': E, 'not': true}                 did NOT happen until the next step, or
                                                      ever when there is none
    A negative step is true only once its days are over on base_date: who may still do it
    has not failed to.

    Usage:
        joined_only as (
            {{ event_sequence('events', [
                {'event': 'join'},
                {'event': 'order', 'within_days': 7, 'not': true},
            ]) }}
        )
-#}
{% macro event_sequence(events, steps) -%}
    {%- set happened = [] -%}
    {%- set missed = [] -%}
    {%- for step in steps -%}
        {%- for key in step if key not in ('event', 'within_days', 'on_day', 'not') -%}
            {{ exceptions.raise_compiler_error("event_sequence: unknown key " ~ key ~ " in " ~ step) }}
        {%- endfor -%}
        {%- if step.get('not') -%}
            {%- do missed.append((step, happened | length)) -%}
        {%- else -%}
            {%- do happened.append(step) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not happened or steps[0].get('not') -%}
        {{ exceptions.raise_compiler_error("event_sequence: the first step must be one that happened") }}
    {%- endif -%}
    select
        step_1.customer_id
        {%- for step in happened %},
        step_{{ loop.index }}.occurred_at as step_{{ loop.index }}_at
        {%- endfor %}
    from {{ events }} as step_1
    {%- for step in happened[1:] %}
    {%- set this = 'step_' ~ (loop.index + 1) %}
    inner join {{ events }} as {{ this }}
        on
            step_1.customer_id = {{ this }}.customer_id
            and {{ this }}.event_type = '{{ step.event }}'
            {{- event_sequence_window(step, this, 'step_' ~ loop.index) }}
    {%- endfor %}
    where
        step_1.event_type = '{{ happened[0].event }}'
    {%- for step, number in missed %}
        {%- if step.within_days is defined %}
        and {{ local_date('(' ~ dbt.dateadd('day', step.within_days, 'step_' ~ number ~ '.occurred_at') ~ ')') }}
        <= {{ as_of_date() }}
        {%- endif %}
        and not exists (
            select 1
            from {{ events }} as missed
            where
                step_1.customer_id = missed.customer_id
                and missed.event_type = '{{ step.event }}'
                {{- event_sequence_window(step, 'missed', 'step_' ~ number) | indent(4) }}
                {%- if step.within_days is not defined and number < happened | length %}
                and missed.occurred_at < step_{{ number + 1 }}.occurred_at
                {%- endif %}
        )
    {%- endfor -%}
{%- endmacro %}
