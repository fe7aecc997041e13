"""TikTok's web: TikTokApi in a Chromium of ours, and the Creative Center's charts by plain HTTP.

What the answers mean is in `domain.platforms.tiktok`; reading TikTok without a browser is in `gateways.downloads`.
"""
