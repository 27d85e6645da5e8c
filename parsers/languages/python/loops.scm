(for_statement body: (block) @body) @loop
(while_statement condition: (_) @condition body: (block) @body) @loop
