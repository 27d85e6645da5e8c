(call
  !receiver
  method: (identifier) @_name
  (#any-of? @_name "require" "require_relative" "load" "autoload")) @import
