"""yt-dlp as a library, on a short lead: pages of TikTok and YouTube read without a browser or an API key, and public media fetched.

It is only let at the extractors and hosts that are named here. What its answers mean is in `domain.platforms.ytdlp`.
"""
