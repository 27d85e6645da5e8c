(package_declaration) @always
(class_declaration body: (class_body) @body) @frame
(interface_declaration body: (interface_body) @body) @frame
(record_declaration body: (class_body) @body) @frame
(enum_declaration body: (enum_body (enum_body_declarations) @body)) @frame
