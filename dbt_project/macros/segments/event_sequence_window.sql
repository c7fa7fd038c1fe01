{#- Where a step of event_sequence lies in time: after the step before it, in its days. -#}
{% macro event_sequence_window(step, this, before) %}
            and {{ this }}.occurred_at > {{ before }}.occurred_at
    {%- if step.within_days is defined %}
            and {{ this }}.occurred_at
            <= {{ dbt.dateadd('day', step.within_days, before ~ '.occurred_at') }}
    {%- endif %}
    {%- if step.on_day is defined %}
            and {{ this }}.occurred_at
            >= {{ dbt.dateadd('day', step.on_day, before ~ '.occurred_at') }}
            and {{ this }}.occurred_at
            < {{ dbt.dateadd('day', step.on_day + 1, before ~ '.occurred_at') }}
    {%- endif %}
{%- endmacro %}
