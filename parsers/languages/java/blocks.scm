[(block) (constructor_body)] @block
