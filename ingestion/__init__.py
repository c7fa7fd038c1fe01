"""Landing: channel files arrive in raw tables as they are, once, all or nothing."""
