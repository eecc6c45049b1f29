<?xml version="1.0"?>
<!-- The phone's configuration with the server's accounts and codecs. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:param name="answer"/>
  <xsl:variable name="theirs" select="document($answer)/options"/>
  <xsl:template match="/options">
    <xsl:copy>
      <xsl:copy-of select="node()[not(self::accounts or self::codecs)]"/>
      <xsl:copy-of select="$theirs/accounts | $theirs/codecs"/>
    </xsl:copy>
  </xsl:template>
</xsl:stylesheet>
