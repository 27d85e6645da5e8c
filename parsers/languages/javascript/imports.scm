(import_statement) @import

(lexical_declaration
  . (variable_declarator
    name: (_)
    value: (call_expression function: (identifier) @_name (#eq? @_name "require"))) .) @import

(variable_declaration
  . (variable_declarator
    name: (_)
    value: (call_expression function: (identifier) @_name (#eq? @_name "require"))) .) @import
