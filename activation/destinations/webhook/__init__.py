"""An HTTP endpoint that speaks Standard Webhooks (standardwebhooks.com)."""
