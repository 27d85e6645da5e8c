(for_statement condition: (_)? @condition body: (_) @body) @loop
(while_statement condition: (_) @condition body: (_) @body) @loop
(do_statement body: (_) @body condition: (_) @condition) @loop
(for_range_loop body: (_) @body) @loop
