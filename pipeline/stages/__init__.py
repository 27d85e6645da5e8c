"""The four transforms of the DAG: mine, synthesize, curate, assemble."""
