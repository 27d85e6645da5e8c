[(body_statement) (then) (else) (do) (block_body)] @block
