(file_scoped_namespace_declaration) @always
(namespace_declaration body: (declaration_list) @body) @frame
(class_declaration body: (declaration_list) @body) @frame
(struct_declaration body: (declaration_list) @body) @frame
(interface_declaration body: (declaration_list) @body) @frame
(record_declaration body: (declaration_list) @body) @frame
[(preproc_if) (preproc_else) (preproc_elif)] @frame
