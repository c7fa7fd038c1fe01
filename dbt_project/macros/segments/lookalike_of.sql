{#-
    Who resembles an audience most. Expands to one select: customer_id, votes, score and
    place (1 is the best), at most `size` rows. A seed votes for everybody whom the model
    lists among the customers most similar to it; more votes come first, then the sum of
    similarity.

    seeds:      a CTE with customer_id, the audience.
    similar:    a CTE with the rows of source('ml', 'lookalike').
    candidates: a CTE with customer_id, who may be found.
    size:       how many at most.
    min_votes:  from how many seeds one must have a vote.
    with_seeds: seeds who are candidates come first and count in the size.

    Resemblance older than three months says nothing any more.

    Usage:
        expanded as (
            {{ lookalike_of('seeds', 'similar', 'candidates', size=300, min_votes=2) }}
        )
-#}
{% macro lookalike_of(seeds, similar, candidates, size, min_votes=1, with_seeds=false) -%}
    select
        ranked.customer_id,
        ranked.votes,
        ranked.score,
        ranked.place
    from (
        select
            found.customer_id,
            found.votes,
            found.score,
            row_number() over (
                order by
                    found.is_seed desc,
                    found.votes desc,
                    found.score desc,
                    found.customer_id
            ) as place
        from (
            select
                candidates.customer_id,
                count(*) as votes,
                sum(cast(similar_to.score as double precision)) as score,
                false as is_seed
            from {{ seeds }} as voters
            inner join {{ similar }} as similar_to
                on voters.customer_id = similar_to.customer_id
            inner join {{ candidates }} as candidates
                on similar_to.similar_customer_id = candidates.customer_id
            left join {{ seeds }} as themselves
                on candidates.customer_id = themselves.customer_id
            where
                themselves.customer_id is null
                and similar_to.base_date <= {{ as_of_date() }}
                and similar_to.base_date > {{ dbt.dateadd('month', -3, as_of_date()) }}
            group by candidates.customer_id
            having count(*) >= {{ min_votes }}
            {%- if with_seeds %}
            union all
            select
                candidates.customer_id,
                0 as votes,
                0 as score,
                true as is_seed
            from {{ seeds }} as themselves
            inner join {{ candidates }} as candidates
                on themselves.customer_id = candidates.customer_id
            {%- endif %}
        ) as found
    ) as ranked
    where ranked.place <= {{ size }}
{%- endmacro %}
