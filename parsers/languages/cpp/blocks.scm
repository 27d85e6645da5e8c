(compound_statement) @block
