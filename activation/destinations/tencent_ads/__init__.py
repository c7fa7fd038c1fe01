"""Audiences of Tencent Ads (腾讯广告), for ads on WeChat and QQ."""
