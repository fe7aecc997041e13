"""YouTube's pages as yt-dlp asks for them: watch pages, the player's API, comments, channels, playlists, searches, captions and media."""

from sandbox.youtube_pages.service import YoutubePages

__all__ = ["YoutubePages"]
