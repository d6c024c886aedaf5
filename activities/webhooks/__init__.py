"""How those who subscribed are told of what was recorded: what is sent, where to, and when it is tried again."""
