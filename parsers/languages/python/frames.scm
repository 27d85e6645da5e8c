(class_definition body: (block) @body) @frame
(decorated_definition definition: (class_definition body: (block) @body)) @frame
