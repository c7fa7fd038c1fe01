{#-
    The secret key of a hash bridge by its name: QUANYU_HASH_KEY_<NAME> of the environment.
    It comes as a setting of the session (warehouse/dbt.py), so it is in no SQL, no log and
    no compiled file. Null where it is not set.
-#}
{% macro hash_key(name_column) -%}
    nullif(current_setting('quanyu.hash_key_' || {{ name_column }}, true), '')
{%- endmacro %}
