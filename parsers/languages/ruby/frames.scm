(module body: (body_statement) @body) @frame
(class body: (body_statement) @body) @frame
(singleton_class body: (body_statement) @body) @frame
((body_statement (identifier) @label) (#any-of? @label "private" "protected" "public" "module_function"))
(call block: (do_block body: (body_statement) @body)) @wrapper
