[(using_directive) (extern_alias_directive)] @import
