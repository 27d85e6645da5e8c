(package_clause) @always
