[(identifier) (field_identifier) (type_identifier) (package_identifier) (label_name)] @identifier
