(linkage_specification body: (declaration_list) @body) @frame
(namespace_definition body: (declaration_list) @body) @frame
(class_specifier body: (field_declaration_list) @body) @frame
(struct_specifier body: (field_declaration_list) @body) @frame
(template_declaration (class_specifier body: (field_declaration_list) @body)) @frame
(template_declaration (struct_specifier body: (field_declaration_list) @body)) @frame
(field_declaration_list (access_specifier) @label)
[(preproc_if) (preproc_ifdef) (preproc_else) (preproc_elif) (preproc_elifdef)] @frame
