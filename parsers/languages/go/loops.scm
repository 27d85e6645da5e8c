(for_statement (for_clause condition: (_)? @condition) body: (block) @body) @loop
(for_statement (range_clause) body: (block) @body) @loop
(for_statement . "for" . (block) @body) @loop
(for_statement . "for" . (_expression) @condition . body: (block) @body) @loop
