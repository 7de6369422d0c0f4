"""What people type: shapes and limits. Whether it is right is for the verbs to say."""
