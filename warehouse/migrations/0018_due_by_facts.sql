-- Who is due is told from all facts at once (int_facts__due): these tables knew
-- purchases and signals by numbers of their own. The next build makes what it needs.

drop table if exists tags.int_purchases__due;
drop table if exists tags.int_signals__due;
