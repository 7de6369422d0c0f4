"""API tokens: macaroons that say what their bearer may publish, and the rows that let them be revoked."""
