-- The catalogue of tags, from the entries in the families' yml. One row per tag.

{{ tag_catalog() }}
