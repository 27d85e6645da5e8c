[(identifier) (constant) (instance_variable) (class_variable) (global_variable)] @identifier
