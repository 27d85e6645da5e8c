(while condition: (_) @condition body: (do) @body) @loop
(until condition: (_) @condition body: (do) @body) @loop
(for body: (do) @body) @loop
(while_modifier body: (_) @body condition: (_) @condition) @loop
(until_modifier body: (_) @body condition: (_) @condition) @loop
(call
  method: (identifier) @_each
  block: [(do_block body: (_) @body) (block body: (_) @body)]
  (#match? @_each "^(each|each_.*|times|upto|downto|step|map|loop|select|reject|find|inject|reduce)$")) @loop
